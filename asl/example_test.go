package asl_test

import (
	"errors"
	"fmt"
	"os"

	"github.com/statemill/statemill/asl"
)

// Parse and validate a definition: every problem at once, each with its line,
// column, code and path.
func Example() {
	definition := []byte(`{
  "StartAt": "Charge",
  "States": {
    "Charge": {
      "Type": "Task",
      "Resource": "charge",
      "Next": "Shipp"
    },
    "Ship": {"Type": "Succeed"}
  }
}`)
	machine, err := asl.Parse(definition)
	var problems asl.Diagnostics
	if errors.As(err, &problems) {
		problems.WriteText(os.Stdout, "order.asl.json")
		return
	}
	for state := range machine.All() {
		fmt.Println(state.Info().Type, state.Info().Name)
	}
	// Output:
	// order.asl.json:7:15: MISSING_TRANSITION_TARGET: Missing 'Next' target: Shipp
	//     7 |       "Next": "Shipp"
	//       |               ^^^^^^^ did you mean "Ship"?
	// order.asl.json:9:5: MISSING_TRANSITION_TARGET: State "Ship" is not reachable.
	//     9 |     "Ship": {"Type": "Succeed"}
	//       |     ^^^^^^
}

// In continuous integration: as strict as AWS, for a template that Terraform
// fills in, without one of the warnings.
func ExampleValidator() {
	template := []byte(`{
  "StartAt": "Wait",
  "States": {
    "Wait": {"Type": "Wait", "Seconds": ${Delay}, "Next": "Ship"},
    "Ship": {"Type": "Task", "Resource": "${ShipFunction.Arn}", "Parameters": {"id": "$.id"}, "TimeoutSeconds": "60", "End": true}
  }
}`)
	v := asl.Validator{Substitutions: true, Off: []string{"NO_DOLLAR"}}
	findings := v.Validate(template)
	findings.WriteGitHub(os.Stdout, "order.asl.json")
	fmt.Println(findings.Err() != nil)
	// Output:
	// ::error file=order.asl.json,line=5,endLine=5,col=113,endColumn=117,title=SCHEMA_VALIDATION_FAILED::Expected value of type Integer (/States/Ship/TimeoutSeconds)
	// true
}

// Parse a template, with all findings: what is missing is filled in later, and
// warnings do not keep the machine from being looked at.
func ExampleValidator_Parse() {
	machine, findings := asl.Validator{Substitutions: true}.Parse([]byte(`{
  "StartAt": "Wait",
  "States": {
    "Wait": {"Type": "Wait", "Seconds": ${Delay}, "Next": "Ship"},
    "Ship": {"Type": "Task", "Resource": "${ShipFunction}", "Parameters": {"id": "$.id"}, "End": true}
  }
}`))
	if err := findings.Err(); err != nil {
		fmt.Println(err)
		return
	}
	for _, warning := range findings {
		fmt.Println(warning.Code, "at", warning.Start)
	}
	fmt.Println("not known yet:", machine.Placeholders())
	// Output:
	// NO_DOLLAR at 5:82
	// not known yet: [/States/Wait/Seconds]
}

// A graph is eight types of state, and templates for what is computed.
func ExampleStateMachine() {
	machine, err := asl.Parse([]byte(`{
  "StartAt": "Charge",
  "States": {
    "Charge": {
      "Type": "Task",
      "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
      "TimeoutSecondsPath": "$.patience",
      "Retry": [{"ErrorEquals": ["Busy"], "MaxAttempts": 5}],
      "Catch": [{"ErrorEquals": ["Declined"], "Next": "Refuse"}],
      "End": true
    },
    "Refuse": {"Type": "Fail", "Error": "Refused"}
  }
}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for state := range machine.All() {
		if task, ok := state.(*asl.Task); ok {
			fmt.Println(task.Name, task.Resource.Service, task.Resource.Pattern, task.Retry[0].MaxAttempts)
			fmt.Println(task.Timeout.Field, task.Timeout.Value)
		}
	}
	for edge := range machine.Edges() {
		at, _ := machine.Position(edge.Location)
		fmt.Println(edge.From, "->", edge.To, "at", at)
	}
	// Output:
	// Charge sqs .waitForTaskToken 5
	// TimeoutSecondsPath "$.patience"
	// Charge -> Refuse at 9:55
}

func ExampleStateMachine_WriteMermaid() {
	machine, err := asl.Parse([]byte(`{"StartAt": "Pack", "States": {"Pack": {"Type": "Pass", "Next": "Ship"}, "Ship": {"Type": "Succeed"}}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	machine.WriteMermaid(os.Stdout)
	// Output:
	// stateDiagram-v2
	//     state "Pack" as s1
	//     state "Ship" as s2
	//     [*] --> s1
	//     s1 --> s2
	//     s2 --> [*]
}
