package main

import (
	"testing"
	"time"

	"github.com/statemill/statemill/runtime/asltest"
)

func TestMain(m *testing.M) { asltest.Main(m, asltest.Coverage{Min: 100}) }

// shopMocks mocks what every order needs: two lines, all in stock, and a bank that pays.
func shopMocks(t *testing.T) *asltest.Machine {
	wf := asltest.Load(t, "order.asl.json")
	wf.State("Validate").Returns(`{"id": "A-1", "total": 12, "card": "4711", "lines": ["cup", "pot"]}`)
	wf.Task("*:function:inventory").Returns(`{"missing": 0}`).Optional()
	wf.Task("*:function:pack").Returns(`{"parcel": 1}`).Optional()
	wf.Task("*:function:charge").Returns(`{"amount": 12}`).Optional()
	wf.Task("*:sns:publish").Returns(`{}`).Optional()
	wf.Task("*:sqs:sendMessage").Returns(`{}`).Optional()
	return wf
}

func TestSold(t *testing.T) {
	wf := shopMocks(t)
	charge := wf.State("Charge").Returns(`{"amount": 12}`)
	run := wf.Run(`{}`)
	run.WantOutput(`{"order": "A-1", "paid": 12, "parcels": 2, "backordered": 0}`)
	run.WantPath("Validate", "IsValid", "CheckInventory", "InStock", "Pack", "Charge", "Notify", "Summary", "Done")
	run.WantElapsed(0)
	charge.WantInput(0, `{"id": "A-1", "card": "4711", "amount": 12}`)
}

func TestBackorder(t *testing.T) {
	wf := shopMocks(t)
	wf.State("Validate").Returns(`{"id": "A-2", "total": 9, "card": "4711", "lines": ["cup"]}`)
	wf.State("CheckInventory").Returns(`{"missing": 5}`)
	wf.State("Backorder").Returns(`{}`)
	run := wf.Run(`{}`)
	run.WantOutputAt("$.backordered", `5`)
	run.Visits("Pack")[0].WantPath(0, "PackLine")
}

func TestTooMuchIsMissing(t *testing.T) {
	wf := shopMocks(t)
	wf.State("CheckInventory").Returns(`{"missing": 6}`)
	run := wf.Run(`{}`)
	run.WantError("订单无效")
	run.WantPath("Validate", "IsValid", "CheckInventory", "InStock", "Reject")
}

func TestNoLines(t *testing.T) {
	wf := shopMocks(t)
	wf.State("Validate").Returns(`{"id": "A-3", "total": 0, "lines": []}`)
	wf.Run(`{}`).WantError("订单无效")
}

// A state can be run alone.
func TestNoTotal(t *testing.T) {
	wf := asltest.Load(t, "order.asl.json")
	run := wf.RunBetween("IsValid", "Reject", `{"order": {"total": 0, "lines": ["cup"]}}`)
	run.WantPath("IsValid")
}

func TestNothingToPack(t *testing.T) {
	wf := asltest.Load(t, "order.asl.json")
	wf.RunState("Pack", `{"order": {"id": "A-4", "lines": []}}`).WantOutputAt("$.parcels", `[]`)
}

// The bank is busy twice: the Retrier waits for one second, then for two.
func TestBankIsBusy(t *testing.T) {
	wf := shopMocks(t)
	wf.State("Charge").Fails("Bank.Busy", "later").Times(2).Returns(`{"amount": 12}`)
	run := wf.Run(`{}`)
	run.WantSuccess()
	run.WantElapsed(3 * time.Second)
}

func TestBankStaysBusy(t *testing.T) {
	wf := shopMocks(t)
	wf.State("Charge").Fails("Bank.Busy", "later")
	run := wf.Run(`{}`)
	run.WantError("Bank.Busy")
	run.WantElapsed((1 + 2 + 4) * time.Second)
}

func TestDeclined(t *testing.T) {
	wf := shopMocks(t)
	wf.State("Charge").Fails("Bank.Declined", "card expired")
	run := wf.Run(`{}`)
	run.WantError("支付失败")
	run.WantCause("card expired")
}
