package asl

import "github.com/statemill/statemill/jsonvalue"

func (f fieldsOf) mapState() *Map {
	m := &Map{
		Items:                      f.template("ItemsPath", "Items"),
		ItemSelector:               f.template("ItemSelector", "Parameters"),
		ItemReader:                 f.itemReader(),
		ItemBatcher:                f.itemBatcher(),
		ResultWriter:               f.resultWriter(),
		MaxConcurrency:             f.template("MaxConcurrency", "MaxConcurrencyPath"),
		ToleratedFailureCount:      f.template("ToleratedFailureCount", "ToleratedFailureCountPath"),
		ToleratedFailurePercentage: f.template("ToleratedFailurePercentage", "ToleratedFailurePercentagePath"),
		Label:                      f.node.str("Label"),
		ResultSelector:             f.template("ResultSelector"),
		ResultPath:                 f.template("ResultPath"),
		Retry:                      f.retriers(),
		Catch:                      f.catchers(),
	}
	f.info(&m.StateInfo)
	f.processor(m)
	return m
}

// processor reads ItemProcessor, or Iterator as it was called before.
func (f fieldsOf) processor(m *Map) {
	p, ok := f.member("ItemProcessor")
	if !ok {
		p, ok = f.member("Iterator")
	}
	if !ok {
		m.Processor = &Graph{node: f.node} // in place of a substitution
		return
	}
	m.Processor = f.graph(p.node, p.location)
	if config, ok := p.member("ProcessorConfig"); ok {
		m.Distributed = config.node.str("Mode") == "DISTRIBUTED"
		m.Express = m.Distributed && config.node.str("ExecutionType") == "EXPRESS"
	}
}

// config returns a member as it was written; null if it is not there.
func (f fieldsOf) config(name string) jsonvalue.Value {
	member, ok := f.node.get(name)
	if !ok {
		return jsonvalue.Value{}
	}
	return member.value()
}

func (f fieldsOf) itemReader() *ItemReader {
	r, ok := f.member("ItemReader")
	if !ok {
		return nil
	}
	reader := &ItemReader{
		Resource:   parseResource(r.node.str("Resource")),
		Parameters: r.template("Parameters", "Arguments"),
		Config:     r.config("ReaderConfig"),
	}
	if config, ok := r.member("ReaderConfig"); ok {
		reader.MaxItems = config.template("MaxItems", "MaxItemsPath")
	}
	return reader
}

func (f fieldsOf) itemBatcher() *ItemBatcher {
	b, ok := f.member("ItemBatcher")
	if !ok {
		return nil
	}
	return &ItemBatcher{
		MaxItemsPerBatch:      b.template("MaxItemsPerBatch", "MaxItemsPerBatchPath"),
		MaxInputBytesPerBatch: b.template("MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath"),
		BatchInput:            b.template("BatchInput"),
	}
}

func (f fieldsOf) resultWriter() *ResultWriter {
	w, ok := f.member("ResultWriter")
	if !ok {
		return nil
	}
	return &ResultWriter{
		Resource:   parseResource(w.node.str("Resource")),
		Parameters: w.template("Parameters", "Arguments"),
		Config:     w.config("WriterConfig"),
	}
}
