package sfnapi

import (
	"strconv"

	"github.com/statemill/statemill/runtime/store"
)

// publish makes a version of the current revision, unless that has one. The document
// of the version is to be written together with that of the state machine.
func (s *scope) publish(m *machine, name string, description *string) (v *publication, doc store.Document) {
	v = &publication{Number: m.Versions + 1, Revision: m.Revision}
	if description != nil {
		v.Description = *description
	}
	m.Versions, m.Publication = v.Number, v
	if m.First == nil {
		m.First = v
	}
	doc.Key = s.versionKey(name, v.Number)
	doc.Data = encodeDocument(version{Number: v.Number, Revision: v.Revision, Description: v.Description, Created: millis(s.now)})
	return v, doc
}

// published returns the version of the current revision, or nil.
func (m *machine) published() *publication {
	if m.Publication != nil && m.Publication.Revision == m.Revision {
		return m.Publication
	}
	return nil
}

// version returns the ARN of a version.
func (m machineRef) version(number int64) string {
	return m.of(kindMachine, m.name, strconv.FormatInt(number, 10))
}
