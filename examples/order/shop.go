package main

import (
	"context"
	"sync/atomic"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// Order is the order of a customer; Total is set once it is validated.
type Order struct {
	ID    string  `json:"id"`
	Card  string  `json:"card"`
	Lines []Line  `json:"lines"`
	Total float64 `json:"total"`
}

// Line is one line of an order.
type Line struct {
	SKU   string  `json:"sku"`
	Qty   int     `json:"qty"`
	Price float64 `json:"price"`
}

// shop does the work behind the workflow.
type shop struct {
	stock map[string]int
	calls atomic.Int32 // to the bank
}

// tasks says which Go function performs which Resource.
func (s *shop) tasks() runtime.Mux {
	return runtime.Mux{
		"*:function:validate":  runtime.Function(s.validate),
		"*:function:inventory": runtime.Function(s.inventory),
		"*:function:backorder": runtime.Function(s.backorder),
		"*:function:pack":      runtime.Function(s.pack),
		"*:function:charge":    runtime.Function(s.charge),
		"arn:aws:states:::*":   runtime.InvokerFunc(s.send),
	}
}

func (s *shop) validate(_ context.Context, o Order) (Order, error) {
	for _, line := range o.Lines {
		o.Total += float64(line.Qty) * line.Price
	}
	return o, nil
}

func (s *shop) inventory(_ context.Context, o Order) (map[string]int, error) {
	missing := 0
	for _, line := range o.Lines {
		missing += max(0, line.Qty-s.stock[line.SKU])
	}
	return map[string]int{"missing": missing}, nil
}

func (s *shop) backorder(_ context.Context, request struct{ ID string }) (map[string]string, error) {
	return map[string]string{"supplier": "order " + request.ID}, nil
}

func (s *shop) pack(_ context.Context, item struct {
	Position int
	Line     Line
}) (map[string]any, error) {
	return map[string]any{"parcel": item.Position + 1, "weight": 0.3 * float64(item.Line.Qty)}, nil
}

// charge finds the bank busy at the first call, as banks are.
func (s *shop) charge(_ context.Context, payment struct {
	Card   string
	Amount float64
}) (map[string]float64, error) {
	switch {
	case s.calls.Add(1) == 1:
		return nil, &runtime.TaskError{Name: "Bank.Busy", Cause: "try again"}
	case payment.Card == "0000":
		return nil, &runtime.TaskError{Name: "Bank.Declined", Cause: "余额不足"}
	}
	return map[string]float64{"amount": payment.Amount}, nil
}

// send stands for the message services.
func (s *shop) send(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
	return jsonvalue.Object(jsonvalue.Member{Name: "MessageId", Value: jsonvalue.String(task.ID())}), nil
}
