package asl

import "github.com/statemill/statemill/jsonvalue"

func (f *fieldsOf) mapState() *Map {
	s := f.arena.maps.one()
	f.info(&s.StateInfo)
	f.template(&s.Items, "ItemsPath", "Items")
	f.template(&s.ItemSelector, "ItemSelector", "Parameters")
	s.ItemReader, s.ItemBatcher, s.ResultWriter = f.itemReader(), f.itemBatcher(), f.resultWriter()
	f.template(&s.MaxConcurrency, "MaxConcurrency", "MaxConcurrencyPath")
	f.template(&s.ToleratedFailureCount, "ToleratedFailureCount", "ToleratedFailureCountPath")
	f.template(&s.ToleratedFailurePercentage, "ToleratedFailurePercentage", "ToleratedFailurePercentagePath")
	s.Label = f.node.str("Label")
	f.template(&s.ResultSelector, "ResultSelector")
	f.template(&s.ResultPath, "ResultPath")
	s.Retry, s.Catch = f.retriers(), f.catchers()
	f.processor(s)
	return s
}

// processor reads ItemProcessor, or Iterator as it was called before.
func (f *fieldsOf) processor(m *Map) {
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

// config returns a member as it was written; null if it is not there, or if the
// graph is for Validate alone.
func (f *fieldsOf) config(name string) jsonvalue.Value {
	member, ok := f.node.get(name)
	if !ok || f.off {
		return jsonvalue.Value{}
	}
	return member.value()
}

func (f *fieldsOf) itemReader() *ItemReader {
	r, ok := f.member("ItemReader")
	if !ok {
		return nil
	}
	reader := &ItemReader{
		Resource: f.resourceOf(r.node.str("Resource")),
		Config:   r.config("ReaderConfig"),
	}
	r.template(&reader.Parameters, "Parameters", "Arguments")
	if config, ok := r.member("ReaderConfig"); ok {
		config.template(&reader.MaxItems, "MaxItems", "MaxItemsPath")
	}
	return reader
}

func (f *fieldsOf) itemBatcher() *ItemBatcher {
	b, ok := f.member("ItemBatcher")
	if !ok {
		return nil
	}
	batcher := new(ItemBatcher)
	b.template(&batcher.MaxItemsPerBatch, "MaxItemsPerBatch", "MaxItemsPerBatchPath")
	b.template(&batcher.MaxInputBytesPerBatch, "MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath")
	b.template(&batcher.BatchInput, "BatchInput")
	return batcher
}

func (f *fieldsOf) resultWriter() *ResultWriter {
	w, ok := f.member("ResultWriter")
	if !ok {
		return nil
	}
	writer := &ResultWriter{
		Resource: f.resourceOf(w.node.str("Resource")),
		Config:   w.config("WriterConfig"),
	}
	w.template(&writer.Parameters, "Parameters", "Arguments")
	return writer
}
