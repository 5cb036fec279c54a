package asl

import "strconv"

// partRules checks what the rows of the table cannot say about an object.
func (c *checker) partRules(n node, p part, at site) {
	switch p {
	case inRule, inInnerRule:
		c.rule(n, at)
	case inTask:
		c.task(n, at)
	case inProcessorConfig:
		c.processorConfig(n)
	case inReaderConfig:
		c.readerConfig(n)
	case inItemBatcher:
		c.itemBatcher(n)
	case inResultWriter:
		c.resultWriter(n)
	}
}

var ruleKinds = []string{"And", "Or", "Not", "Variable", "Condition"}

// rule checks that a choice rule is a single test.
func (c *checker) rule(n node, at site) {
	if countPresent(n, ruleKinds) != 1 {
		c.schema(n, "The object must have only one of the following fields, "+listed(ruleKinds))
		return
	}
	operators := 0
	for member := range n.children() {
		if isOperator(member.name()) {
			operators++
		}
	}
	switch {
	case !n.has("Variable"):
		if operators > 0 && at.language != JSONata {
			c.schema(n, "These fields are required: [Variable]")
		}
	case operators == 0:
		c.schema(n, "This object should have only one of the following fields: "+listed(operatorNames()))
	case operators > 1:
		c.schema(n, "There should only be one of the following fields: "+listed(operatorNames()))
	}
}

// isOperator reports whether a field of a rule is a comparison: what comes
// after Condition in the table.
func isOperator(name string) bool {
	for _, f := range operatorFields() {
		if f.name == name {
			return true
		}
	}
	return false
}

func operatorFields() []*field {
	fields := inInnerRule.table().fields
	for i, f := range fields {
		if f.name == "StringEquals" {
			return fields[i:]
		}
	}
	return nil
}

func operatorNames() []string {
	var names []string
	for _, f := range operatorFields() {
		names = append(names, f.name)
	}
	return names
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
		x := c.reportAt(n.location(), executionType, codeSchema, "Field 'ExecutionType' is not supported")
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
			x := c.reportAt(n.location(), location, codeSchema, "Field 'CSVHeaderLocation' is not supported")
			x.markName, x.schema = true, true
		}
	}
	if n.str("CSVHeaderLocation") == "GIVEN" && !n.has("CSVHeaders") {
		c.schema(n, "These fields are required: [CSVHeaders]")
	}
}

var batchLimits = []string{"MaxItemsPerBatch", "MaxItemsPerBatchPath", "MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath"}

func (c *checker) itemBatcher(n node) {
	if countPresent(n, batchLimits) == 0 {
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
func (c *checker) task(n node, at site) {
	if resource, ok := n.get("Resource"); ok && resource.kind() == textKind {
		c.taskParameters(n, parseResource(resource.text()))
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
