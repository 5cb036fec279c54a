package sfnapi

import "github.com/statemill/statemill/runtime/store"

type updateStateMachineIn struct {
	ARN                string                   `sfn:"stateMachineArn,required,1..256"`
	Definition         *string                  `sfn:"definition,1..1048576,data"`
	Role               *string                  `sfn:"roleArn,1..256"`
	Logging            *loggingConfiguration    `sfn:"loggingConfiguration"`
	Tracing            *tracingConfiguration    `sfn:"tracingConfiguration"`
	Publish            bool                     `sfn:"publish"`
	VersionDescription *string                  `sfn:"versionDescription,0..256,data"`
	Encryption         *encryptionConfiguration `sfn:"encryptionConfiguration"`
}

// updateStateMachine makes a new revision, unless nothing changes: then id and date of
// the old one are the answer (recorded).
func (s *scope) updateStateMachine(in *updateStateMachineIn) (fields, error) {
	ref, err := parseMachine(in.ARN)
	if err != nil {
		return nil, err
	}
	if in.Definition == nil && in.Role == nil && in.Logging == nil && in.Tracing == nil {
		return nil, refuse("MissingRequiredParameter",
			"Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified")
	}
	err = first(
		func() error { return checkDescription(in.Publish, in.VersionDescription) },
		func() error {
			if in.Role == nil {
				return nil
			}
			return checkRole(*in.Role)
		},
		in.Logging.check,
		func() error { return s.handler.logsNothing(in.Logging) },
		in.Encryption.check,
	)
	if err != nil {
		return nil, err
	}
	return s.change(func() (fields, bool, error) {
		m, err := s.changeable(ref)
		if err != nil {
			return nil, false, err
		}
		return s.update(in, ref, m)
	})
}

func (s *scope) update(in *updateStateMachineIn, ref machineRef, m *machine) (fields, bool, error) {
	old, err := s.revisionOf(ref.name, m.Revision)
	if err != nil {
		return nil, false, err
	}
	r := old.revision
	if in.Definition != nil {
		if _, err := compile(m.Type, *in.Definition); err != nil {
			return nil, false, err
		}
	}
	var docs []store.Document
	if next, different := in.apply(r); different {
		next.ID, next.Initial, next.Updated = randomUUID(), false, millis(s.now)
		m.Revision, r = next.ID, next
		docs = append(docs, store.Document{Key: s.revisionKey(ref.name, r.ID), Data: encodeDocument(r)})
	}
	answer := fields{"updateDate": instant(fromMillis(r.Updated))}
	answer.addText("revisionId", r.visible())
	if in.Publish {
		v := m.published()
		if v == nil {
			var doc store.Document
			v, doc = s.publish(m, ref.name, in.VersionDescription)
			docs = append(docs, doc)
		}
		answer["stateMachineVersionArn"] = text(ref.version(v.Number))
	}
	if len(docs) == 0 {
		return answer, false, nil
	}
	changed, err := s.write(append(docs, m.changed())...)
	return answer, changed, err
}

// apply returns the revision that follows on r, and whether it differs.
func (in *updateStateMachineIn) apply(r *revision) (next *revision, different bool) {
	copied := *r
	next = &copied
	if in.Definition != nil && *in.Definition != r.definition() {
		next.Definition, different = text(*in.Definition), true
	}
	if in.Role != nil && *in.Role != r.Role {
		next.Role, different = *in.Role, true
	}
	if in.Logging != nil && !in.Logging.equal(&r.Logging) {
		next.Logging, different = *in.Logging, true
	}
	if in.Tracing != nil && *in.Tracing != r.Tracing {
		next.Tracing, different = *in.Tracing, true
	}
	return next, different
}
