package asl

import (
	"math/bits"
	"slices"
	"sync"
)

// part is a set of the kinds of object that a definition consists of.
type part uint32

const (
	inMachine part = 1 << iota
	inBranch
	inProcessor // ItemProcessor and Iterator
	inProcessorConfig
	inPass
	inTask
	inChoice
	inWait
	inSucceed
	inFail
	inParallel
	inMap
	inRule
	inInnerRule // a rule inside And, Or or Not
	inRetrier
	inCatcher
	inItemReader
	inReaderConfig
	inItemBatcher
	inResultWriter
	inWriterConfig

	partCount = iota
)

const (
	inGraph = inMachine | inBranch | inProcessor
	inState = inPass | inTask | inChoice | inWait | inSucceed | inFail | inParallel | inMap
	inFlow  = inState &^ (inChoice | inSucceed | inFail) // what has Next or End
	inWork  = inTask | inParallel | inMap                // what can fail and be retried
	inRules = inRule | inInnerRule
)

// field is one row of the table of fields.
type field struct {
	name     string
	in       part          // the objects that may have it
	required part          // those of them that must
	language QueryLanguage // the only language that has it; "" for both
	shape    shape
}

// fieldTable holds every field of the language. Validate and Schema take the
// structure of definitions from this table and from exclusionTable. Required
// fields are in the order in which AWS lists missing ones.
var fieldTable = [...]field{
	// State machines, branches and processors.
	{name: "States", in: inGraph, required: inGraph, shape: shape{is: isStates, nonEmpty: true}},
	{name: "StartAt", in: inGraph, required: inGraph, shape: shape{is: isString}},
	{name: "Comment", in: inGraph | inState | inRules | inRetrier | inCatcher, shape: shape{is: isString}},
	{name: "Version", in: inMachine, shape: shape{is: isEnum, values: []string{"1.0"}}},
	{name: "TimeoutSeconds", in: inMachine, shape: shape{is: isInteger, max: maxSeconds}},
	{name: "QueryLanguage", in: inMachine | inState, shape: shape{is: isEnum, values: []string{"JSONPath", "JSONata"}}},
	{name: "ProcessorConfig", in: inProcessor, shape: shape{is: isObject, of: inProcessorConfig}},
	{name: "Mode", in: inProcessorConfig, shape: shape{is: isEnum, values: []string{"INLINE", "DISTRIBUTED"}}},
	{name: "ExecutionType", in: inProcessorConfig, shape: shape{is: isEnum, values: []string{"STANDARD", "EXPRESS"}}},

	// All states, or many.
	{name: "Type", in: inState, required: inState, shape: shape{is: isType}},
	{name: "Next", in: inFlow | inRule | inCatcher, required: inRule | inCatcher, shape: shape{is: isString}},
	{name: "End", in: inFlow, shape: shape{is: isBoolean}},
	{name: "InputPath", in: inState &^ inFail, language: JSONPath, shape: shape{is: isPath, nullable: true}},
	{name: "Parameters", in: inPass | inWork, language: JSONPath, shape: shape{is: isTemplate}},
	{name: "Arguments", in: inTask | inParallel, language: JSONata, shape: shape{is: isTemplate}},
	{name: "ResultSelector", in: inWork, language: JSONPath, shape: shape{is: isTemplate}},
	{name: "ResultPath", in: inPass | inWork | inCatcher, language: JSONPath, shape: shape{is: isResultPath, nullable: true}},
	{name: "OutputPath", in: inState &^ inFail, language: JSONPath, shape: shape{is: isPath, nullable: true}},
	{name: "Output", in: inState&^inFail | inRule | inCatcher, language: JSONata, shape: shape{is: isTemplate}},
	{name: "Assign", in: inState&^(inSucceed|inFail) | inRule | inCatcher, shape: shape{is: isAssign}},
	{name: "Retry", in: inWork, shape: shape{is: isArray, of: inRetrier}},
	{name: "Catch", in: inWork, shape: shape{is: isArray, of: inCatcher}},

	// Pass, Task, Wait, Fail and Parallel.
	{name: "Result", in: inPass, language: JSONPath, shape: shape{is: isAny}},
	{name: "Resource", in: inTask, required: inTask, shape: shape{is: isResource}},
	{name: "Credentials", in: inTask, shape: shape{is: isCredentials}},
	{name: "TimeoutSeconds", in: inTask, shape: shape{is: isInteger, min: 1, max: maxSeconds, expression: true}},
	{name: "TimeoutSecondsPath", in: inTask, language: JSONPath, shape: shape{is: isReferencePath}},
	{name: "HeartbeatSeconds", in: inTask, shape: shape{is: isInteger, min: 1, max: maxSeconds, expression: true}},
	{name: "HeartbeatSecondsPath", in: inTask, language: JSONPath, shape: shape{is: isReferencePath}},
	{name: "Seconds", in: inWait, shape: shape{is: isInteger, max: maxSeconds, expression: true}},
	{name: "SecondsPath", in: inWait, language: JSONPath, shape: shape{is: isReferencePath}},
	{name: "Timestamp", in: inWait, shape: shape{is: isTimestamp, expression: true}},
	{name: "TimestampPath", in: inWait, language: JSONPath, shape: shape{is: isReferencePath}},
	{name: "Error", in: inFail, shape: shape{is: isString, expression: true}},
	{name: "ErrorPath", in: inFail, language: JSONPath, shape: shape{is: isTextPath}},
	{name: "Cause", in: inFail, shape: shape{is: isString, expression: true}},
	{name: "CausePath", in: inFail, language: JSONPath, shape: shape{is: isTextPath}},
	{name: "Branches", in: inParallel, required: inParallel, shape: shape{is: isArray, of: inBranch, nonEmpty: true}},

	// Retriers and catchers.
	{name: "ErrorEquals", in: inRetrier | inCatcher, required: inRetrier | inCatcher, shape: shape{is: isStrings, nonEmpty: true}},
	{name: "IntervalSeconds", in: inRetrier, shape: shape{is: isInteger, max: maxSeconds}},
	{name: "MaxAttempts", in: inRetrier, shape: shape{is: isInteger, max: maxSeconds}},
	{name: "BackoffRate", in: inRetrier, shape: shape{is: isFloat, min: 1}},
	{name: "MaxDelaySeconds", in: inRetrier, shape: shape{is: isInteger, min: 1, max: 31622400}},
	{name: "JitterStrategy", in: inRetrier, shape: shape{is: isEnum, values: []string{"NONE", "FULL"}}},

	// Map.
	{name: "ItemProcessor", in: inMap, shape: shape{is: isObject, of: inProcessor}},
	{name: "Iterator", in: inMap, shape: shape{is: isObject, of: inProcessor}},
	{name: "ItemsPath", in: inMap, language: JSONPath, shape: shape{is: isReferencePath}},
	{name: "Items", in: inMap, language: JSONata, shape: shape{is: isItems}},
	{name: "ItemSelector", in: inMap, shape: shape{is: isTemplate}},
	{name: "ItemReader", in: inMap, shape: shape{is: isObject, of: inItemReader}},
	{name: "ItemBatcher", in: inMap, shape: shape{is: isObject, of: inItemBatcher}},
	{name: "ResultWriter", in: inMap, shape: shape{is: isObject, of: inResultWriter, nonEmpty: true}},
	{name: "MaxConcurrency", in: inMap, shape: shape{is: isInteger, expression: true}},
	{name: "MaxConcurrencyPath", in: inMap, language: JSONPath, shape: shape{is: isLimitPath}},
	{name: "ToleratedFailureCount", in: inMap, shape: shape{is: isInteger, expression: true}},
	{name: "ToleratedFailureCountPath", in: inMap, language: JSONPath, shape: shape{is: isLimitPath}},
	{name: "ToleratedFailurePercentage", in: inMap, shape: shape{is: isFloat, max: 100, expression: true}},
	{name: "ToleratedFailurePercentagePath", in: inMap, language: JSONPath, shape: shape{is: isLimitPath}},
	{name: "Label", in: inMap, shape: shape{is: isLabel}},

	// The objects that say what a distributed Map reads and writes.
	{name: "Resource", in: inItemReader, required: inItemReader, shape: shape{is: isServiceResource, values: []string{"s3:getObject", "s3:listObjectsV2"}}},
	{name: "Resource", in: inResultWriter, shape: shape{is: isServiceResource, values: []string{"s3:putObject"}}},
	{name: "Parameters", in: inItemReader | inResultWriter, language: JSONPath, shape: shape{is: isTemplate}},
	{name: "Arguments", in: inItemReader | inResultWriter, language: JSONata, shape: shape{is: isTemplate}},
	{name: "ReaderConfig", in: inItemReader, shape: shape{is: isObject, of: inReaderConfig}},
	{name: "InputType", in: inReaderConfig, shape: shape{is: isEnum, values: inputTypes}},
	{name: "Transformation", in: inReaderConfig, shape: shape{is: isEnum, values: []string{"NONE", "LOAD_AND_FLATTEN"}}},
	{name: "ManifestType", in: inReaderConfig, shape: shape{is: isEnum, values: []string{"ATHENA_DATA", "S3_INVENTORY"}}},
	{name: "CSVHeaderLocation", in: inReaderConfig, shape: shape{is: isEnum, values: []string{"FIRST_ROW", "GIVEN"}}},
	{name: "CSVHeaders", in: inReaderConfig, shape: shape{is: isStrings}},
	{name: "CSVDelimiter", in: inReaderConfig, shape: shape{is: isEnum, values: []string{"COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"}}},
	{name: "ItemsPointer", in: inReaderConfig, shape: shape{is: isPointer}},
	{name: "MaxItems", in: inReaderConfig, shape: shape{is: isInteger, max: 100000000, expression: true}},
	{name: "MaxItemsPath", in: inReaderConfig, language: JSONPath, shape: shape{is: isLimitPath}},
	{name: "MaxItemsPerBatch", in: inItemBatcher, shape: shape{is: isInteger, expression: true}},
	{name: "MaxItemsPerBatchPath", in: inItemBatcher, language: JSONPath, shape: shape{is: isLimitPath}},
	{name: "MaxInputBytesPerBatch", in: inItemBatcher, shape: shape{is: isInteger, max: 262144, expression: true}},
	{name: "MaxInputBytesPerBatchPath", in: inItemBatcher, language: JSONPath, shape: shape{is: isLimitPath}},
	{name: "BatchInput", in: inItemBatcher, shape: shape{is: isTemplate}},
	{name: "WriterConfig", in: inResultWriter, shape: shape{is: isObject, of: inWriterConfig}},
	{name: "Transformation", in: inWriterConfig, shape: shape{is: isEnum, values: []string{"NONE", "COMPACT", "FLATTEN"}}},
	{name: "OutputType", in: inWriterConfig, shape: shape{is: isEnum, values: []string{"JSON", "JSONL"}}},

	// Choice.
	{name: "Choices", in: inChoice, required: inChoice, shape: shape{is: isArray, of: inRule, nonEmpty: true}},
	{name: "Default", in: inChoice, shape: shape{is: isString}},
	{name: "And", in: inRules, language: JSONPath, shape: shape{is: isArray, of: inInnerRule, nonEmpty: true}},
	{name: "Or", in: inRules, language: JSONPath, shape: shape{is: isArray, of: inInnerRule, nonEmpty: true}},
	{name: "Not", in: inRules, language: JSONPath, shape: shape{is: isObject, of: inInnerRule}},
	{name: "Variable", in: inRules, language: JSONPath, shape: shape{is: isReferencePath}},
	{name: "Condition", in: inRule, language: JSONata, shape: shape{is: isCondition}},

	// The operators, in the order in which AWS lists them.
	{name: "StringEquals", in: inRules, language: JSONPath, shape: shape{is: isString}},
	{name: "IsBoolean", in: inRules, language: JSONPath, shape: shape{is: isBoolean}},
	{name: "StringLessThan", in: inRules, language: JSONPath, shape: shape{is: isString}},
	{name: "IsNumeric", in: inRules, language: JSONPath, shape: shape{is: isBoolean}},
	{name: "BooleanEquals", in: inRules, language: JSONPath, shape: shape{is: isBoolean}},
	{name: "StringLessThanEqualsPath", in: inRules, language: JSONPath, shape: shape{is: isReferencePath}},
	{name: "NumericLessThan", in: inRules, language: JSONPath, shape: shape{is: isNumber}},
	{name: "NumericGreaterThan", in: inRules, language: JSONPath, shape: shape{is: isNumber}},
	{name: "NumericLessThanPath", in: inRules, language: JSONPath, shape: shape{is: isReferencePath}},
	{name: "StringMatches", in: inRules, language: JSONPath, shape: shape{is: isString}},
	{name: "TimestampLessThanEqualsPath", in: inRules, language: JSONPath, shape: shape{is: isReferencePath}},
	{name: "NumericEquals", in: inRules, language: JSONPath, shape: shape{is: isNumber}},
	{name: "TimestampGreaterThan", in: inRules, language: JSONPath, shape: shape{is: isTimestamp}},
	{name: "StringGreaterThanEqualsPath", in: inRules, language: JSONPath, shape: shape{is: isReferencePath}},
	{name: "TimestampGreaterThanEqualsPath", in: inRules, language: JSONPath, shape: shape{is: isReferencePath}},
	{name: "TimestampLessThanEquals", in: inRules, language: JSONPath, shape: shape{is: isTimestamp}},
	{name: "NumericLessThanEqualsPath", in: inRules, language: JSONPath, shape: shape{is: isReferencePath}},
	{name: "TimestampEquals", in: inRules, language: JSONPath, shape: shape{is: isTimestamp}},
	{name: "BooleanEqualsPath", in: inRules, language: JSONPath, shape: shape{is: isReferencePath}},
	{name: "IsTimestamp", in: inRules, language: JSONPath, shape: shape{is: isBoolean}},
	{name: "StringLessThanEquals", in: inRules, language: JSONPath, shape: shape{is: isString}},
	{name: "NumericLessThanEquals", in: inRules, language: JSONPath, shape: shape{is: isNumber}},
	{name: "StringLessThanPath", in: inRules, language: JSONPath, shape: shape{is: isReferencePath}},
	{name: "TimestampGreaterThanPath", in: inRules, language: JSONPath, shape: shape{is: isReferencePath}},
	{name: "StringGreaterThan", in: inRules, language: JSONPath, shape: shape{is: isString}},
	{name: "StringGreaterThanPath", in: inRules, language: JSONPath, shape: shape{is: isReferencePath}},
	{name: "IsString", in: inRules, language: JSONPath, shape: shape{is: isBoolean}},
	{name: "StringEqualsPath", in: inRules, language: JSONPath, shape: shape{is: isReferencePath}},
	{name: "TimestampEqualsPath", in: inRules, language: JSONPath, shape: shape{is: isReferencePath}},
	{name: "TimestampLessThan", in: inRules, language: JSONPath, shape: shape{is: isTimestamp}},
	{name: "StringGreaterThanEquals", in: inRules, language: JSONPath, shape: shape{is: isString}},
	{name: "NumericGreaterThanPath", in: inRules, language: JSONPath, shape: shape{is: isReferencePath}},
	{name: "NumericGreaterThanEquals", in: inRules, language: JSONPath, shape: shape{is: isNumber}},
	{name: "NumericEqualsPath", in: inRules, language: JSONPath, shape: shape{is: isReferencePath}},
	{name: "TimestampLessThanPath", in: inRules, language: JSONPath, shape: shape{is: isReferencePath}},
	{name: "IsNull", in: inRules, language: JSONPath, shape: shape{is: isBoolean}},
	{name: "IsPresent", in: inRules, language: JSONPath, shape: shape{is: isBoolean}},
	{name: "TimestampGreaterThanEquals", in: inRules, language: JSONPath, shape: shape{is: isTimestamp}},
	{name: "NumericGreaterThanEqualsPath", in: inRules, language: JSONPath, shape: shape{is: isReferencePath}},
}

const maxSeconds = 99999999

// inputTypes are the types of input of a distributed Map, in the order of AWS's
// message.
var inputTypes = []string{"CSV", "JSON", "MANIFEST", "JSONL", "PARQUET"}

// ruleTests are the fields of which a choice rule has one.
var ruleTests = [...]string{"And", "Or", "Not", "Variable", "Condition"}

// isOperator reports whether a field compares the Variable of a rule.
func (f *field) isOperator() bool {
	return f.in == inRules && !slices.Contains(ruleTests[:], f.name)
}

// stateTypes are the types of state, in the order of AWS's message.
var stateTypes = [...]struct {
	name string
	part part
}{
	{"Task", inTask}, {"Wait", inWait}, {"Pass", inPass}, {"Succeed", inSucceed},
	{"Fail", inFail}, {"Choice", inChoice}, {"Parallel", inParallel}, {"Map", inMap},
}

// statePart returns the part that a Type names; 0 if there is no such type.
func statePart(name string) part {
	for i := range stateTypes {
		if stateTypes[i].name == name {
			return stateTypes[i].part
		}
	}
	return 0
}

// partFields is the part of the tables that is about one kind of object. No
// kind has more than 64 fields, so that a set of them is a number.
type partFields struct {
	fields     []*field
	required   fieldSet
	tests      fieldSet // of a rule: the fields of ruleTests
	operators  fieldSet // of a rule: its comparisons
	exclusions []exclusionSet
	slots      [64]int8 // by hash of the name, 1 + the index of a field
	chain      []int8   // by field, the next one with the same hash
}

type fieldSet uint64

// exclusionSet is an exclusion with its fields as a set.
type exclusionSet struct {
	*exclusion
	set fieldSet
}

// tables holds the rows by part. It is built when it is first needed, since a
// program that never reads a definition should not pay for it.
var tables = sync.OnceValue(func() *[partCount]partFields {
	var t [partCount]partFields
	for i := range t {
		t[i].fill(part(1) << i)
	}
	return &t
})

func (t *partFields) fill(p part) {
	for j := range fieldTable {
		f := &fieldTable[j]
		if f.in&p == 0 {
			continue
		}
		if f.required&p != 0 {
			t.required |= 1 << len(t.fields)
		}
		if f.isOperator() {
			t.operators |= 1 << len(t.fields)
		}
		slot := &t.slots[nameHash(f.name)]
		t.chain = append(t.chain, *slot)
		t.fields = append(t.fields, f)
		*slot = int8(len(t.fields))
	}
	t.tests = t.setOf(ruleTests[:])
	for j := range exclusionTable {
		if x := &exclusionTable[j]; x.in&p != 0 {
			t.exclusions = append(t.exclusions, exclusionSet{x, t.setOf(x.fields)})
		}
	}
}

// table returns the rows about p, which is a single part.
func (p part) table() *partFields { return &tables()[bits.TrailingZeros32(uint32(p))] }

// index returns the number of the field with this name and its hash, or -1.
func (t *partFields) index(name string, hash uint8) int {
	for i := t.slots[hash]; i > 0; i = t.chain[i-1] {
		if t.fields[i-1].name == name {
			return int(i - 1)
		}
	}
	return -1
}

// field returns the row of the field that a checked member is, or nil.
func (t *partFields) field(member node) *field {
	if i := member.row().field; i > 0 {
		return t.fields[i-1]
	}
	return nil
}

func (t *partFields) setOf(names []string) (set fieldSet) {
	for _, name := range names {
		if i := t.index(name, nameHash(name)); i >= 0 {
			set |= 1 << i
		}
	}
	return set
}

// namesOf returns the names of the fields in a set, in the order of the table.
func (t *partFields) namesOf(set fieldSet) (names []string) {
	for i, f := range t.fields {
		if set&(1<<i) != 0 {
			names = append(names, f.name)
		}
	}
	return names
}
