package sfnapi

import (
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/store"
)

type createStateMachineIn struct {
	Name               string                   `sfn:"name,required,1..80"`
	Definition         string                   `sfn:"definition,required,1..1048576,data"`
	Role               string                   `sfn:"roleArn,required,1..256"`
	Type               string                   `sfn:"type,enum=StateMachineType"`
	Logging            *loggingConfiguration    `sfn:"loggingConfiguration"`
	Tags               []tag                    `sfn:"tags"`
	Tracing            *tracingConfiguration    `sfn:"tracingConfiguration"`
	Publish            bool                     `sfn:"publish"`
	VersionDescription *string                  `sfn:"versionDescription,0..256,data"`
	Encryption         *encryptionConfiguration `sfn:"encryptionConfiguration"`
}

func (s *scope) createStateMachine(in *createStateMachineIn) (fields, error) {
	if !validName(in.Name) {
		return nil, invalidName(in.Name)
	}
	if in.Type == "" {
		in.Type = typeStandard
	}
	if in.Logging == nil {
		in.Logging = new(loggingConfiguration)
	}
	if in.Tracing == nil {
		in.Tracing = new(tracingConfiguration)
	}
	ref := machineRef{arn: arn{place: s.place, kind: kindMachine}, name: in.Name}.qualified("")
	err := first(
		func() error { return checkDescription(in.Publish, in.VersionDescription) },
		func() error { return checkRole(in.Role) },
		in.Logging.check,
		func() error { return s.handler.logsNothing(in.Logging) },
		in.Encryption.check,
		func() (err error) { in.Tags, err = addTags(nil, in.Tags, ref.plain()); return err },
		func() error { _, err := compile(in.Type, in.Definition); return err },
	)
	if err != nil {
		return nil, err
	}
	return s.change(func() (fields, bool, error) {
		have, found, err := s.machineOf(ref)
		switch {
		case err != nil:
			return nil, false, err
		case found:
			answer, err := s.created(in, ref, have)
			if notThere(err) { // it has been deleted meanwhile
				return nil, true, nil
			}
			return answer, false, err
		}
		return s.create(in, ref)
	})
}

// first returns the error of the first check that has one.
func first(checks ...func() error) error {
	for _, check := range checks {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// checkDescription refuses a description of a version that is not published. An empty
// one is none: Terraform sends it.
func checkDescription(publish bool, description *string) error {
	if !publish && description != nil && *description != "" {
		return invalid("Version description can only be set when publish is true")
	}
	return nil
}

func (s *scope) create(in *createStateMachineIn, ref machineRef) (fields, bool, error) {
	r := &revision{
		ID: randomUUID(), Initial: true, Definition: text(in.Definition), Role: in.Role, Type: in.Type,
		Logging: *in.Logging, Tracing: *in.Tracing, Updated: millis(s.now),
	}
	m := &machine{Revision: r.ID, Type: in.Type, Created: millis(s.now), Tags: in.Tags}
	m.document.Key = s.machineKey(in.Name)
	docs := []store.Document{{Key: s.revisionKey(in.Name, r.ID), Data: encodeDocument(r)}}
	answer := fields{"stateMachineArn": text(ref.plain()), "creationDate": instant(s.now)}
	if in.Publish {
		v, doc := s.publish(m, in.Name, in.VersionDescription)
		docs = append(docs, doc)
		answer["stateMachineVersionArn"] = text(ref.version(v.Number))
	}
	changed, err := s.write(append(docs, m.changed())...)
	return answer, changed, err
}

// created answers for a state machine that exists: if it is the one that is asked for,
// as if it had just been created. Role and tags do not matter (recorded), and the
// publication is compared with that of the first version.
func (s *scope) created(in *createStateMachineIn, ref machineRef, m *machine) (fields, error) {
	if m.Deleting {
		return nil, stateMachineDeleting(ref.plain())
	}
	r, err := s.revisionOf(in.Name, m.Revision)
	if err != nil {
		return nil, err
	}
	answer := fields{"stateMachineArn": text(ref.plain()), "creationDate": instant(fromMillis(m.Created))}
	described := ""
	if in.VersionDescription != nil {
		described = *in.VersionDescription
	}
	switch {
	case r.definition() != in.Definition || m.Type != in.Type || !r.Logging.equal(in.Logging) || r.Tracing != *in.Tracing:
		return nil, stateMachineExists("'" + ref.plain() + "'")
	case !in.Publish && m.First == nil:
		return answer, nil
	case !in.Publish:
		return nil, stateMachineExists("This state machine was already created with a published version.")
	case m.First == nil: // not recorded (unsure)
		return nil, stateMachineExists("'" + ref.plain() + "'")
	case m.First.Description != described:
		return nil, stateMachineExists("This state machine was already created with a published version using a different description.")
	}
	answer["stateMachineVersionArn"] = text(ref.version(m.First.Number))
	return answer, nil
}

// changed returns the document to write.
func (m *machine) changed() store.Document {
	doc := m.document
	doc.Data = encodeDocument(m)
	return doc
}

type describeStateMachineIn struct {
	ARN      string `sfn:"stateMachineArn,required,1..256"`
	Included string `sfn:"includedData,enum=IncludedData"`
}

func (s *scope) describeStateMachine(in *describeStateMachineIn) (fields, error) {
	ref, err := parseMachine(in.ARN)
	if err != nil {
		return nil, err
	}
	m, v, err := s.machineAndVersion(ref)
	if err != nil {
		return nil, err
	}
	id, created := m.Revision, m.Created
	if v != nil {
		id, created = v.Revision, v.Created
	}
	r, err := s.revisionOf(ref.name, id)
	if err != nil {
		return nil, err
	}
	answer := described(ref.name, r, in.Included)
	answer["stateMachineArn"] = text(in.ARN)
	answer["status"] = text(m.status())
	answer["type"] = text(m.Type)
	answer["creationDate"] = instant(fromMillis(created))
	if v != nil {
		answer.addText("description", v.Description)
	}
	return answer, nil
}

// machineAndVersion returns the state machine of a reference and, if it has a qualifier, the version.
func (s *scope) machineAndVersion(ref machineRef) (m *machine, v *version, err error) {
	m, found, err := s.machineOf(ref)
	switch {
	case err != nil:
		return nil, nil, err
	case !found:
		return nil, nil, noStateMachine(ref.String())
	case ref.qualifier == "":
		return m, nil, nil
	}
	v, found, err = s.versionOf(ref.name, ref.qualifier)
	if err == nil && !found {
		err = noVersion(ref.String())
	}
	return m, v, err
}

func (m *machine) status() string {
	if m.Deleting {
		return "DELETING"
	}
	return "ACTIVE"
}

// described returns what DescribeStateMachine and DescribeStateMachineForExecution say
// alike.
func described(name string, r *kept, included string) fields {
	answer := fields{
		"name": text(name), "definition": text(r.definition()), "roleArn": text(r.Role),
		"loggingConfiguration": r.Logging.value(), "tracingConfiguration": r.Tracing.value(), "encryptionConfiguration": ownedKey,
	}
	answer.addText("revisionId", r.visible())
	if included == "METADATA_ONLY" {
		answer["definition"] = text("{}") // recorded
		return answer
	}
	if program, err := r.program(); err == nil {
		if references := program.StateMachine().VariableReferences(); len(references) > 0 {
			answer["variableReferences"] = must(jsonvalue.Of(references))
		}
	}
	return answer
}

type listStateMachinesIn struct {
	MaxResults int64   `sfn:"maxResults,0..1000"`
	NextToken  *string `sfn:"nextToken,1..1024"`
}

// listStateMachines lists by name (recorded).
func (s *scope) listStateMachines(in *listStateMachinesIn) (fields, error) {
	return s.listByName("stateMachines", s.machineKey(""), in.MaxResults, in.NextToken, func(name string, d *store.Document) (fields, error) {
		var m machine
		err := decodeDocument(d, &m)
		return fields{
			"stateMachineArn": text(s.of(kindMachine, name)), "name": text(name), "type": text(m.Type), "creationDate": instant(fromMillis(m.Created)),
		}, err
	})
}

// listByName lists the documents whose keys are a prefix and a name.
func (s *scope) listByName(list, prefix string, size int64, token *string, show func(name string, d *store.Document) (fields, error)) (fields, error) {
	page, err := s.paged(token, size)
	if err != nil {
		return nil, err
	}
	after := ""
	if page.after != "" {
		after = prefix + page.after
	}
	docs, err := s.handler.documents.Scan(s.ctx, prefix, after, page.limit+1)
	if err != nil {
		return nil, err
	}
	name := func(d *store.Document) string { return d.Key[len(prefix):] }
	return listing(page, list, docs, name, func(d *store.Document) (fields, error) { return show(name(d), d) })
}
