package sfnapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/store"
)

// A state machine is several documents. PLACE is partition, region and account.
//
//	PLACE/m/NAME             machine: changes with each update
//	PLACE/r/NAME/REVISION    revision: written once
//	PLACE/v/NAME/NUMBER      version: written once; NUMBER is 10^9 minus the number, so that the newest is first
//
// No execution reads them: it takes along what it needs when it starts.

// machine is what changes of a state machine.
type machine struct {
	Revision    string       `json:"revision"` // the current one
	Type        string       `json:"type"`
	Created     int64        `json:"created"` // instants are milliseconds since 1970
	Deleting    bool         `json:"deleting,omitempty"`
	Tags        []tag        `json:"tags,omitempty"`
	Versions    int64        `json:"versions,omitempty"` // the number of the last one
	First       *publication `json:"first,omitempty"`    // of the first version that was published
	Publication *publication `json:"publication,omitempty"`

	document store.Document
}

// publication is a version in short.
type publication struct {
	Number      int64  `json:"number"`
	Revision    string `json:"revision"`
	Description string `json:"description,omitempty"`
}

// revision is a state of a state machine between two updates.
type revision struct {
	ID         string               `json:"id"`
	Initial    bool                 `json:"initial,omitempty"` // its id is not shown
	Definition jsonvalue.Value      `json:"definition"`        // a text, kept to the character
	Role       string               `json:"role"`
	Type       string               `json:"type"`
	Logging    loggingConfiguration `json:"logging"`
	Tracing    tracingConfiguration `json:"tracing"`
	Updated    int64                `json:"updated"`
}

// version is a revision that was published.
type version struct {
	Number      int64  `json:"number"`
	Revision    string `json:"revision"`
	Description string `json:"description,omitempty"`
	Created     int64  `json:"created"`

	document store.Document
}

// documentVersion begins every document.
const documentVersion = 1

func encodeDocument(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // all fields can be encoded
	}
	return append([]byte{documentVersion}, text...)
}

func decodeDocument(d *store.Document, to any) error {
	if len(d.Data) == 0 || d.Data[0] != documentVersion {
		return fmt.Errorf("sfnapi: the document %q has another form than this version reads", d.Key)
	}
	if err := json.Unmarshal(d.Data[1:], to); err != nil {
		return fmt.Errorf("sfnapi: the document %q: %w", d.Key, err)
	}
	return nil
}

func (p place) machineKey(name string) string { return p.prefix() + "/m/" + name }

func (p place) revisionKey(name, id string) string { return p.prefix() + "/r/" + name + "/" + id }

func (p place) versionKey(name string, number int64) string {
	return fmt.Sprintf("%s/v/%s/%09d", p.prefix(), name, 1_000_000_000-number)
}

// machineOf reads the state machine of a reference, with the current revision. found is
// false if there is none, or if it is in another place than the request.
func (s *scope) machineOf(ref machineRef) (m *machine, found bool, err error) {
	if ref.place != s.place || !validName(ref.name) {
		return nil, false, nil
	}
	docs, err := s.handler.documents.Read(s.ctx, s.machineKey(ref.name))
	if err != nil || docs[0].Revision == 0 {
		return nil, false, err
	}
	m = &machine{document: docs[0]}
	m.document.Data = nil
	return m, true, decodeDocument(&docs[0], m)
}

// revisionOf reads a revision, which is missing only while its state machine is being
// deleted.
func (s *scope) revisionOf(name, id string) (*kept, error) {
	return s.handler.revisions.get(s.revisionKey(name, id), func(key string) (*revision, error) {
		docs, err := s.handler.documents.Read(s.ctx, key)
		if err != nil {
			return nil, err
		}
		if docs[0].Revision == 0 {
			return nil, noStateMachine(s.of(kindMachine, name))
		}
		r := new(revision)
		return r, decodeDocument(&docs[0], r)
	})
}

// versionOf reads a version of a state machine by the qualifier of its ARN.
func (s *scope) versionOf(name, qualifier string) (v *version, found bool, err error) {
	number, err := strconv.ParseInt(qualifier, 10, 64)
	if err != nil || number < 1 || number >= 1_000_000_000 || strconv.FormatInt(number, 10) != qualifier {
		return nil, false, nil
	}
	docs, err := s.handler.documents.Read(s.ctx, s.versionKey(name, number))
	if err != nil || docs[0].Revision == 0 {
		return nil, false, err
	}
	v = &version{document: docs[0]}
	return v, true, decodeDocument(&docs[0], v)
}

// definition returns the text.
func (r *revision) definition() string {
	s, _ := r.Definition.AsString()
	return s
}

// visible returns the id as clients see it; that of the initial revision they do not.
func (r *revision) visible() string {
	if r.Initial {
		return ""
	}
	return r.ID
}

// write stores documents of state machines. changed is true if somebody else has
// changed one of them meanwhile: read again.
func (s *scope) write(docs ...store.Document) (changed bool, err error) {
	err = s.handler.documents.Write(s.ctx, docs...)
	if errors.Is(err, store.ErrConflict) {
		return true, nil
	}
	return false, err
}

// maxAttempts is how often a change is tried that others come before.
const maxAttempts = 5

// change does something that reads documents and writes them, again if others have
// changed them in between.
func (s *scope) change(do func() (answer fields, changed bool, err error)) (fields, error) {
	for range maxAttempts {
		answer, changed, err := do()
		if err != nil || !changed {
			return answer, err
		}
	}
	return nil, conflict()
}

func millis(t time.Time) int64 { return t.UnixMilli() }

func fromMillis(ms int64) time.Time { return time.UnixMilli(ms) }
