package command

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/runtime/sfnapi"
)

const orderTemplate = `
Parameters:
  Shop: {Type: String, Default: corner}
Resources:
  ChargeFunction: {Type: AWS::Serverless::Function}
  Order:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: order.asl.json
      DefinitionSubstitutions: {ChargeArn: !GetAtt ChargeFunction.Arn, Shop: !Sub "${Shop}-${AWS::Region}"}
`

const orderDefinition = `{"StartAt": "Charge", "States": {"Charge": {"Type": "Task", "Resource": "${ChargeArn}", "ResultPath": "$.paid", "Next": "Shop"},
	"Shop": {"Type": "Pass", "Result": "${Shop}", "ResultPath": "$.shop", "End": true}}}`

// served returns the machines of a folder with a template, and what they print.
func served(t *testing.T) (m *machines, folder string, out, errs *bytes.Buffer) {
	folder = t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "template.yaml"), []byte(orderTemplate), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "order.asl.json"), []byte(orderDefinition), 0o600))
	h, err := sfnapi.Open(t.Context(), nil, sfnapi.Config{Account: "123456789012", Region: "eu-west-1"})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, h.Close(context.Background())) })
	out, errs = new(bytes.Buffer), new(bytes.Buffer)
	return &machines{api: h, sources: []string{filepath.Join(folder, "template.yaml")}, account: "123456789012", region: "eu-west-1", out: out, errs: errs}, folder, out, errs
}

// What a template fills in is known: functions have ARNs here.
func TestMachinesOfTemplate(t *testing.T) {
	m, folder, out, _ := served(t)
	require.NoError(t, m.apply(t.Context()))
	const arn = "arn:aws:states:eu-west-1:123456789012:stateMachine:Order"
	require.Equal(t, "created "+arn+"  ("+folder+"/order.asl.json#Order)\n", out.String())
	require.Contains(t, m.known["Order"], `"Resource": "arn:aws:lambda:eu-west-1:123456789012:function:ChargeFunction"`)
	require.Contains(t, m.known["Order"], `"Result": "corner-eu-west-1"`)
	out.Reset()
	m.known = nil // as after a restart: the same definition again is no change, another one is
	require.NoError(t, m.apply(t.Context()))
	m.set = map[string]string{"Shop": "market"}
	require.NoError(t, m.apply(t.Context()))
	require.Equal(t, "created "+arn+"  ("+folder+"/order.asl.json#Order)\nupdated "+arn+"  ("+folder+"/order.asl.json#Order)\n", out.String())
}

// A change is served; what is wrong is told once, and leaves what is served.
func TestWatch(t *testing.T) {
	m, folder, out, errs := served(t)
	require.NoError(t, m.apply(t.Context()))
	change := func(text string) string {
		require.NoError(t, os.WriteFile(filepath.Join(folder, "order.asl.json"), []byte(text), 0o600))
		out.Reset()
		errs.Reset()
		for range 3 {
			m.look(t.Context())
		}
		return out.String() + errs.String()
	}
	require.Empty(t, change(orderDefinition))
	require.Contains(t, change(strings.ReplaceAll(orderDefinition, "${Shop}", "${Market}")), "nothing says what ${Market} is: add --set Market=VALUE")
	broken := change(orderDefinition + "}")
	require.Contains(t, broken, "order.asl.json#Order:2:")
	require.Equal(t, 1, strings.Count(broken, "what was served before stays"))
	require.Regexp(t, "^updated .*:stateMachine:Order ", change(strings.ReplaceAll(orderDefinition, `"$.shop"`, `"$.market"`)))
	require.Contains(t, m.known["Order"], "$.market")
}

func TestTwoMachinesOfOneName(t *testing.T) {
	m, folder, _, _ := served(t)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "Order.asl.json"), []byte(`{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}`), 0o600))
	m.sources = append(m.sources, filepath.Join(folder, "Order.asl.json"))
	require.ErrorContains(t, m.apply(t.Context()), "are both the state machine Order")
}
