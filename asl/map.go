package asl

import "github.com/statemill/statemill/jsonvalue"

// Map is a Map state.
type Map struct {
	StateInfo
	Processor      *Graph // ItemProcessor or Iterator
	Distributed    bool
	Express        bool     // children of a distributed map are Express
	Items          Template // ItemsPath or Items
	ItemSelector   Template // ItemSelector or Parameters
	ItemReader     *ItemReader
	ItemBatcher    *ItemBatcher
	ResultWriter   *ResultWriter
	MaxConcurrency Template // MaxConcurrency or MaxConcurrencyPath

	ToleratedFailureCount      Template // or ToleratedFailureCountPath
	ToleratedFailurePercentage Template // or ToleratedFailurePercentagePath

	Label          string
	ResultSelector Template
	ResultPath     Template
	Retry          []Retrier
	Catch          []Catcher
}

// ItemReader says from where a distributed map reads its items.
type ItemReader struct {
	Resource   Resource
	Parameters Template        // Parameters or Arguments
	MaxItems   Template        // MaxItems or MaxItemsPath of ReaderConfig
	Config     jsonvalue.Value // ReaderConfig, as it was written; null if it was not
}

// ItemBatcher says how a distributed map groups its items.
type ItemBatcher struct {
	MaxItemsPerBatch      Template // or MaxItemsPerBatchPath
	MaxInputBytesPerBatch Template // or MaxInputBytesPerBatchPath
	BatchInput            Template
}

// ResultWriter says where a distributed map writes its results.
type ResultWriter struct {
	Resource   Resource        // its Text is "" if the results are not exported
	Parameters Template        // Parameters or Arguments
	Config     jsonvalue.Value // WriterConfig, as it was written; null if it was not
}
