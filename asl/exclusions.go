package asl

// exclusion is a group of fields. An object has at most one of them.
type exclusion struct {
	in     part
	need   bool // exactly one
	fields []string
}

// exclusionTable holds the groups, each in the order of AWS's message.
var exclusionTable = [...]exclusion{
	{in: inFlow, need: true, fields: []string{"Next", "End"}},
	{in: inTask, fields: []string{"TimeoutSeconds", "TimeoutSecondsPath"}},
	{in: inTask, fields: []string{"HeartbeatSeconds", "HeartbeatSecondsPath"}},
	{in: inWait, need: true, fields: []string{"SecondsPath", "Seconds", "TimestampPath", "Timestamp"}},
	{in: inFail, fields: []string{"Error", "ErrorPath"}},
	{in: inFail, fields: []string{"Cause", "CausePath"}},
	{in: inMap, need: true, fields: []string{"ItemProcessor", "Iterator"}},
	{in: inMap, fields: []string{"ItemSelector", "Parameters"}},
	{in: inMap, fields: []string{"MaxConcurrency", "MaxConcurrencyPath"}},
	{in: inMap, fields: []string{"ToleratedFailureCount", "ToleratedFailureCountPath"}},
	{in: inMap, fields: []string{"ToleratedFailurePercentage", "ToleratedFailurePercentagePath"}},
	{in: inReaderConfig, fields: []string{"MaxItems", "MaxItemsPath"}},
	{in: inItemBatcher, fields: []string{"MaxItemsPerBatch", "MaxItemsPerBatchPath"}},
	{in: inItemBatcher, fields: []string{"MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath"}},
}
