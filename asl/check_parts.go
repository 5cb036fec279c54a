package asl

import (
	"math/bits"
	"slices"
	"strconv"
)

// partRules checks the rules about an object that the table cannot express.
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
		c.notSupported(n, executionType)
	}
}

// readerField is a field of ReaderConfig that only some types of input have.
type readerField struct {
	name  string
	types []string
}

// readerFields holds those fields.
var readerFields = [...]readerField{
	{"Transformation", []string{"CSV", "JSON", "JSONL", "PARQUET"}}, // (unsure) that MANIFEST has none
	{"ManifestType", []string{"CSV", "JSONL", "PARQUET", "MANIFEST"}},
	{"CSVHeaderLocation", []string{"CSV"}},
	{"CSVHeaders", []string{"CSV"}},
	{"CSVDelimiter", []string{"CSV"}},
	{"ItemsPointer", []string{"JSON"}},
}

// readerConfig checks that the type of input has the fields that are there.
// InputType and CSVHeaderLocation decide which others belong here: where one of
// them is missing, AWS does not look at the others.
func (c *checker) readerConfig(n node) {
	inputType, known := n.get("InputType")
	location := n.str("CSVHeaderLocation")
	switch {
	case !known:
		if n.str("Transformation") == "LOAD_AND_FLATTEN" || n.str("ManifestType") == "ATHENA_DATA" { // (unsure) of the second
			c.schema(n, "The field 'InputType' is required")
		}
	case !slices.Contains(inputTypes, inputType.text()):
	case inputType.text() == "CSV" && !n.has("CSVHeaderLocation"):
		c.schema(n, "The field 'CSVHeaderLocation' is required")
	default:
		for member := range n.children() {
			c.readerField(n, member, inputType.text())
		}
		if inputType.text() == "CSV" && location == "GIVEN" && !n.has("CSVHeaders") {
			c.schema(n, "These fields are required: [CSVHeaders]")
		}
	}
}

// readerField reports a field that the type of input does not have, or CSVHeaders
// beside a CSVHeaderLocation that ignores it.
func (c *checker) readerField(n, member node, inputType string) {
	i := slices.IndexFunc(readerFields[:], func(f readerField) bool { return f.name == member.name() })
	if i < 0 || slices.Contains(readerFields[i].types, inputType) &&
		(member.name() != "CSVHeaders" || n.str("CSVHeaderLocation") != "FIRST_ROW") { // (unsure) of FIRST_ROW
		return
	}
	c.notSupported(n, member)
}

// notSupported reports a member that an object like this does not have.
func (c *checker) notSupported(n, member node) *finding {
	x := c.reportAt(n, member, codeSchema, "Field '"+member.name()+"' is not supported")
	x.markName, x.schema = true, true
	return x
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
