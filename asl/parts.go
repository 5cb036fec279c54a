package asl

import (
	"math/bits"
	"strconv"
)

// partRules checks what the rows of the table cannot say about an object.
func (c *checker) partRules(n node, p part, present fieldSet, at site) {
	switch p {
	case inRule, inInnerRule:
		c.rule(n, p.table(), present, at)
	case inTask:
		c.task(n)
	case inProcessorConfig:
		c.processorConfig(n)
	case inReaderConfig:
		c.readerConfig(n)
	case inItemBatcher:
		c.itemBatcher(n, present)
	case inResultWriter:
		c.resultWriter(n)
	}
}

// rule checks that a choice rule is a single test.
func (c *checker) rule(n node, t *partFields, present fieldSet, at site) {
	if bits.OnesCount64(uint64(present&t.tests)) != 1 {
		c.schema(n, "The object must have only one of the following fields, "+listed(ruleTests[:]))
		return
	}
	operators := bits.OnesCount64(uint64(present & t.operators))
	switch {
	case !n.has("Variable"):
		if operators > 0 && at.language != JSONata {
			c.schema(n, "These fields are required: [Variable]")
		}
	case operators == 0:
		c.schema(n, "This object should have only one of the following fields: "+listed(t.namesOf(t.operators)))
	case operators > 1:
		c.schema(n, "There should only be one of the following fields: "+listed(t.namesOf(t.operators)))
	}
}

func (c *checker) processorConfig(n node) {
	mode, hasMode := n.get("Mode")
	executionType, hasType := n.get("ExecutionType")
	switch {
	case hasMode && c.isSubstituted(mode):
	case hasMode && mode.text() == "DISTRIBUTED":
		if !hasType {
			c.schema(n, "These fields are required: [ExecutionType]")
		}
		if c.Express {
			c.report(mode, codeSchema, "The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines")
		}
	case hasType && (!hasMode || mode.text() == "INLINE"):
		x := c.reportAt(n, executionType, codeSchema, "Field 'ExecutionType' is not supported")
		x.markName, x.schema = true, true
	}
}

// readerConfig checks what CSV needs and the other formats do not have.
func (c *checker) readerConfig(n node) {
	location, hasLocation := n.get("CSVHeaderLocation")
	switch n.str("InputType") {
	case "CSV":
		if !hasLocation {
			c.schema(n, "The field 'CSVHeaderLocation' is required")
		}
	case "JSON", "JSONL", "PARQUET":
		if hasLocation {
			x := c.reportAt(n, location, codeSchema, "Field 'CSVHeaderLocation' is not supported")
			x.markName, x.schema = true, true
		}
	}
	if n.str("CSVHeaderLocation") == "GIVEN" && !n.has("CSVHeaders") {
		c.schema(n, "These fields are required: [CSVHeaders]")
	}
}

var batchLimits = []string{"MaxItemsPerBatch", "MaxItemsPerBatchPath", "MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath"}

func (c *checker) itemBatcher(n node, present fieldSet) {
	if present&inItemBatcher.table().setOf(batchLimits) == 0 {
		c.schema(n, "This object should have at least one of the following fields: "+listed(batchLimits))
	}
}

func (c *checker) resultWriter(n node) {
	if n.has("Parameters") || n.has("Arguments") {
		if !n.has("Resource") {
			c.schema(n, "These fields are required: [Resource]")
		}
	}
}

// task checks how the fields of a Task state fit together.
func (c *checker) task(n node) {
	if resource, ok := n.get("Resource"); ok && resource.kind() == textKind {
		c.taskParameters(n, c.resourceOf(resource.text()))
	}
	timeout, hasTimeout := n.integer("TimeoutSeconds")
	heartbeat, hasHeartbeat := n.integer("HeartbeatSeconds")
	if hasTimeout && hasHeartbeat && heartbeat >= timeout {
		member, _ := n.get("HeartbeatSeconds")
		c.report(member, codeSchema, "HeartbeatSeconds must be smaller than TimeoutSeconds")
	}
}

// integer returns the value of a member that is an integer.
func (n node) integer(name string) (value int64, ok bool) {
	member, ok := n.get(name)
	if !ok || member.kind() != numberKind {
		return 0, false
	}
	value, err := strconv.ParseInt(member.raw(), 10, 64)
	return value, err == nil
}
