package sfnapi

import (
	"strconv"
	"strings"

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

type publishStateMachineVersionIn struct {
	ARN         string  `sfn:"stateMachineArn,required,1..256"`
	Revision    *string `sfn:"revisionId"`
	Description *string `sfn:"description,0..256,data"`
}

// initialRevision is what clients call the revision that has no id yet.
const initialRevision = "INITIAL"

// publishStateMachineVersion answers for a revision that has a version with that, whose
// description stays (recorded).
func (s *scope) publishStateMachineVersion(in *publishStateMachineVersionIn) (fields, error) {
	ref, err := parseMachine(in.ARN)
	if err != nil {
		return nil, err
	}
	return s.change(func() (fields, bool, error) {
		m, err := s.changeable(ref)
		if err != nil {
			return nil, false, err
		}
		r, err := s.revisionOf(ref.name, m.Revision)
		if err != nil {
			return nil, false, err
		}
		current := r.ID
		if r.Initial {
			current = initialRevision
		}
		if in.Revision != nil && *in.Revision != current {
			return nil, false, refuse("ConflictException",
				"Failed to publish the State Machine version for revision %s. The current State Machine revision is %s.", *in.Revision, current)
		}
		if have := m.published(); have != nil {
			v, found, err := s.versionOf(ref.name, strconv.FormatInt(have.Number, 10))
			if err != nil || !found {
				return nil, !found, err
			}
			return versionItem(ref, v), false, nil
		}
		v, doc := s.publish(m, ref.name, in.Description)
		changed, err := s.write(doc, m.changed())
		return versionItem(ref, &version{Number: v.Number, Created: millis(s.now)}), changed, err
	})
}

// changeable returns the state machine of a reference, which must be one that can be
// changed: no version, and not being deleted.
func (s *scope) changeable(ref machineRef) (*machine, error) {
	m, found, err := s.machineOf(ref)
	switch {
	case err != nil:
		return nil, err
	case !found || ref.qualifier != "":
		return nil, noStateMachine(ref.String())
	case m.Deleting:
		return nil, stateMachineDeleting(ref.String())
	}
	return m, nil
}

func versionItem(ref machineRef, v *version) fields {
	return fields{"stateMachineVersionArn": text(ref.version(v.Number)), "creationDate": instant(fromMillis(v.Created))}
}

type listStateMachineVersionsIn struct {
	ARN        string  `sfn:"stateMachineArn,required,1..256"`
	NextToken  *string `sfn:"nextToken,1..1024"`
	MaxResults int64   `sfn:"maxResults,0..1000"`
}

// listStateMachineVersions lists the newest first. A state machine that is not there has
// none.
func (s *scope) listStateMachineVersions(in *listStateMachineVersionsIn) (fields, error) {
	ref, err := parseMachine(in.ARN)
	if err != nil {
		return nil, err
	}
	page, err := s.paged(in.NextToken, in.MaxResults, in.ARN)
	if err != nil {
		return nil, err
	}
	var docs []store.Document
	if ref.place == s.place && validName(ref.name) {
		if docs, err = s.handler.documents.Scan(s.ctx, ref.versionPrefix(), page.after, page.limit+1); err != nil {
			return nil, err
		}
	}
	key := func(d *store.Document) string { return d.Key }
	return listing(page, "stateMachineVersions", docs, key, func(d *store.Document) (fields, error) {
		var v version
		err := decodeDocument(d, &v)
		return versionItem(ref, &v), err
	})
}

type deleteStateMachineVersionIn struct {
	ARN string `sfn:"stateMachineVersionArn,required,1..2000"`
}

// deleteStateMachineVersion succeeds for a version that is gone as well (recorded). Its
// number is never given again; executions of it go on.
func (s *scope) deleteStateMachineVersion(in *deleteStateMachineVersionIn) (fields, error) {
	ref, err := parseMachine(in.ARN)
	if err != nil {
		return nil, err
	}
	if ref.qualifier == "" { // the words are not recorded (unsure)
		return nil, invalid("A state machine version ARN is needed: '%s'", in.ARN)
	}
	return s.change(func() (fields, bool, error) {
		m, found, err := s.machineOf(ref)
		if err != nil || !found {
			return nil, false, err
		}
		v, found, err := s.versionOf(ref.name, ref.qualifier)
		if err != nil || !found {
			return nil, false, err
		}
		if err := s.unreferenced(ref); err != nil {
			return nil, false, err
		}
		if m.Publication != nil && m.Publication.Number == v.Number {
			m.Publication = nil
		}
		gone := v.document
		gone.Data = nil
		changed, err := s.write(gone, m.changed())
		return nil, changed, err
	})
}

// unreferenced refuses a version to which aliases lead.
func (s *scope) unreferenced(ref machineRef) error {
	all, err := s.handler.aliasesOf(s.ctx, ref)
	if err != nil {
		return err
	}
	var names []string
	for _, a := range all {
		if a.leadsTo(ref.qualifier) {
			names = append(names, a.Name)
		}
	}
	if names == nil {
		return nil
	}
	return refuse("ConflictException",
		"Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [%s]", strings.Join(names, ", "))
}
