package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOrders(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(&out, nil))
	assert.Contains(t, out.String(), `{"backordered":0,"paid":29,"order":"A-1001","parcels":2}`)
	assert.Contains(t, out.String(), `{"backordered":4,"paid":420,"order":"A-1002","parcels":1}`)
	assert.Contains(t, out.String(), `failed: execution failed in state "Unpaid" (87:15): 支付失败: 订单 A-1003 无法支付：余额不足`)
	assert.Contains(t, out.String(), `failed: execution failed in state "Reject" (138:15): 订单无效: 订单没有商品，或者缺货太多。`)
	assert.Contains(t, out.String(), "  -> Backorder\n")
}
