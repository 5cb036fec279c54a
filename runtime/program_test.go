package runtime_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/runtime"
)

// A machine that nobody parsed has nothing to compile.
func TestCompileRefusesMachinesWithoutStates(t *testing.T) {
	for name, machine := range map[string]*asl.StateMachine{"nil": nil, "zero": {}} {
		t.Run(name, func(t *testing.T) {
			program, err := runtime.Compile(machine)
			require.Nil(t, program)
			var found asl.Diagnostics
			require.ErrorAs(t, err, &found)
			require.Contains(t, found.Error(), "States")
		})
	}
}

func TestCompileOfMachinesMadeByHand(t *testing.T) {
	machine := &asl.StateMachine{Graph: asl.Graph{StartAt: "B", States: []asl.State{&asl.Succeed{StateInfo: asl.StateInfo{Name: "A", Type: "Succeed"}}}}}
	_, err := runtime.Compile(machine)
	require.ErrorContains(t, err, "Missing 'Next' target: B")
}
