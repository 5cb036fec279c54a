package interp

import (
	"strconv"
	"strings"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
)

func (c *compiler) choice(n *node, g *asl.Graph, s *asl.Choice) {
	made := &choiceState{flow: c.flow(&s.StateInfo), rules: make([]choiceRule, len(s.Choices))}
	n.kind, n.state = kindChoice, made
	for i, rule := range s.Choices {
		r := &made.rules[i]
		prefix := "Choices[" + strconv.Itoa(i) + "]/"
		r.taken, r.passed = c.rulePoints(n, rule)
		r.test = c.condition(n, prefix, rule)
		r.flow = c.ruleFlow(n, prefix, rule, &made.flow)
		c.link(&r.next, g, rule.Next, rule.Location, "/Next")
	}
	if made.hasDefault = s.Default != ""; made.hasDefault {
		n.points.other = c.point(DefaultTaken, n, s.Location+"/Default")
	}
	c.link(&made.other, g, s.Default, s.Location, "/Default")
}

// ruleFlow compiles Assign and Output of a rule. They replace those of the state,
// which hold where the rule has none (recorded in September 2026).
func (c *compiler) ruleFlow(n *node, prefix string, rule *asl.Rule, state *flow) flow {
	made := flow{outputPath: state.outputPath, output: state.output, assign: state.assign}
	if rule.Output.Present() {
		made.output = c.templateIn(n.jsonata, prefix, rule.Output)
	}
	if rule.Assign.Present() {
		made.assign = c.assign(n.jsonata, prefix, rule.Assign)
	}
	return made
}

func (c *compiler) condition(n *node, prefix string, rule *asl.Rule) condition {
	switch {
	case rule.And != nil:
		return allOf{c.operandPoints(n, rule.And), c.conditions(n, prefix, rule.And)}
	case rule.Or != nil:
		return anyOf{c.operandPoints(n, rule.Or), c.conditions(n, prefix, rule.Or)}
	case rule.Not != nil:
		return notOf{c.condition(n, prefix, rule.Not)}
	case rule.Condition.Present():
		if truth, ok := rule.Condition.Value.AsBool(); ok {
			return constant(truth)
		}
		if e, ok := c.templateIn(true, prefix, rule.Condition).(*expression); ok {
			return conditionExpression{e}
		}
		return constant(false)
	}
	return c.comparison(rule)
}

func (c *compiler) conditions(n *node, prefix string, rules []*asl.Rule) []condition {
	made := make([]condition, len(rules))
	for i, rule := range rules {
		made[i] = c.condition(n, prefix, rule)
	}
	return made
}

func (c *compiler) comparison(rule *asl.Rule) condition {
	variable := c.reference(rule.Variable, rule.Location+"/Variable")
	operand := rule.Operand
	switch rule.Operator {
	case "IsPresent":
		wanted, _ := operand.Value.AsBool()
		return presence{variable, wanted}
	case "StringMatches":
		text, _ := operand.Value.AsString()
		p, _ := compilePattern(text)
		return &matchRule{variable, p, text}
	}
	name, isPath := strings.CutSuffix(rule.Operator, "Path")
	compare := comparators[name]
	if compare == nil {
		c.problem("SCHEMA_VALIDATION_FAILED", rule.Location, "Field '%s' is not supported", rule.Operator)
	}
	if isPath {
		text, _ := operand.Value.AsString()
		return &pathComparison{variable, c.reference(text, operand.Location), compare}
	}
	if order, ok := strings.CutPrefix(name, "Timestamp"); ok {
		if at, ok := timestampOf(operand.Value); ok {
			return &timestampComparison{variable, at, orders[order]}
		}
	}
	return &comparison{variable, operand.Value, compare}
}

// reference compiles a Reference Path of a choice rule.
func (c *compiler) reference(text, location string) path {
	return c.path(asl.Template{Field: "Variable", Value: jsonvalue.String(text), Location: location})
}
