package sfnapi

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/store"
)

// alias is a name for one version or two. Its key is PLACE/a/NAME/ALIAS.
type alias struct {
	Name        string  `json:"name"`
	Description string  `json:"description,omitempty"`
	Routes      []route `json:"routes"`
	Created     int64   `json:"created"`
	Updated     int64   `json:"updated"`

	document store.Document
}

// route says how many of a hundred executions are of a version.
type route struct {
	Version int64 `json:"version"`
	Weight  int64 `json:"weight"`
}

type routingConfigurationListItem struct {
	Version string `sfn:"stateMachineVersionArn,required,1..256"`
	Weight  int64  `sfn:"weight,required,0..100"`
}

// maxAliases is how many a state machine has at most, as on AWS.
const maxAliases = 100

func (m machineRef) aliasPrefix() string { return m.prefix() + "/a/" + m.name + "/" }

// aliasesOf returns the aliases of a state machine, the oldest first (recorded).
func (h *Handler) aliasesOf(ctx context.Context, ref machineRef) ([]alias, error) {
	docs, err := h.documents.Scan(ctx, ref.aliasPrefix(), "", 0)
	if err != nil {
		return nil, err
	}
	all := make([]alias, len(docs))
	for i := range docs {
		all[i].document = docs[i]
		if err := decodeDocument(&docs[i], &all[i]); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(all, func(a, b alias) int {
		return cmp.Or(cmp.Compare(a.Created, b.Created), strings.Compare(a.Name, b.Name))
	})
	return all, nil
}

// aliasOf returns the alias that the qualifier of a reference names.
func (s *scope) aliasOf(ref machineRef) (a *alias, found bool, err error) {
	if ref.place != s.place || !validName(ref.name) || !validName(ref.qualifier) {
		return nil, false, nil
	}
	docs, err := s.handler.documents.Read(s.ctx, ref.aliasPrefix()+ref.qualifier)
	if err != nil || docs[0].Revision == 0 {
		return nil, false, err
	}
	a = &alias{document: docs[0]}
	return a, true, decodeDocument(&docs[0], a)
}

// existingAlias refuses a reference to an alias that is not there.
func (s *scope) existingAlias(ref machineRef) (*alias, error) {
	a, found, err := s.aliasOf(ref)
	if err == nil && !found {
		err = noAliasOrVersion()
	}
	return a, err
}

// pick returns the version of an execution: the same one for the same ARN, so that a
// repeated request starts what the first one did.
func (a *alias) pick(execution string) string {
	sum := sha256.Sum256([]byte(execution))
	drawn := binary.BigEndian.Uint64(sum[:8]) % 100
	chosen := a.Routes[0]
	if len(a.Routes) > 1 && drawn >= uint64(chosen.Weight) { // #nosec G115 -- a weight is at most 100
		chosen = a.Routes[1]
	}
	return strconv.FormatInt(chosen.Version, 10)
}

// noAlias tells that an alias, or its state machine, is not there. The words about the alias
// are not recorded (unsure).
func (s *scope) noAlias(ref machineRef) error {
	_, found, err := s.machineOf(ref)
	if err == nil && found {
		return refuse("StateMachineDoesNotExist", "State Machine Alias Does Not Exist: '%s'", ref)
	}
	if err == nil {
		err = noStateMachine(ref.String())
	}
	return err
}

type createStateMachineAliasIn struct {
	Description string                         `sfn:"description,0..256,data"`
	Name        string                         `sfn:"name,required,1..80,pattern=alias"`
	Routing     []routingConfigurationListItem `sfn:"routingConfiguration,required,1..2"`
}

func (s *scope) createStateMachineAlias(in *createStateMachineAliasIn) (fields, error) {
	ref, routes, err := parseRouting(in.Routing)
	if err != nil {
		return nil, err
	}
	ref = ref.qualified(in.Name)
	return s.change(func() (fields, bool, error) {
		m, err := s.changeable(ref.qualified(""))
		if err != nil {
			return nil, false, err
		}
		have, found, err := s.aliasOf(ref)
		switch {
		case err != nil:
			return nil, false, err
		case found && slices.Equal(have.Routes, routes) && have.Description == in.Description:
			return fields{"stateMachineAliasArn": text(ref.String()), "creationDate": instant(fromMillis(have.Created))}, false, nil
		case found:
			return nil, false, refuse("ConflictException", "Failed to create alias because an alias with the same name and a different routing configuration already exists.")
		}
		if all, err := s.handler.aliasesOf(s.ctx, ref); err != nil || len(all) >= maxAliases {
			if err == nil { // the words are not recorded (unsure)
				err = refuse("ServiceQuotaExceededException", "A state machine has at most %d aliases.", maxAliases)
			}
			return nil, false, err
		}
		a := &alias{Name: in.Name, Description: in.Description, Routes: routes, Created: millis(s.now), Updated: millis(s.now)}
		a.document.Key = ref.aliasPrefix() + in.Name
		changed, err := s.storeAlias(ref, m, a)
		return fields{"stateMachineAliasArn": text(ref.String()), "creationDate": instant(s.now)}, changed, err
	})
}

// storeAlias writes an alias, whose versions must be there, and the state machine, so that
// nobody deletes a version meanwhile.
func (s *scope) storeAlias(ref machineRef, m *machine, a *alias) (changed bool, err error) {
	doc := a.document
	doc.Data = encodeDocument(a)
	docs := []store.Document{m.changed(), doc}
	for _, r := range a.Routes {
		v, found, err := s.versionOf(ref.name, strconv.FormatInt(r.Version, 10))
		if err != nil {
			return false, err
		}
		if !found {
			return false, noAliasOrVersion()
		}
		docs = append(docs, store.Document{Key: v.document.Key, Revision: v.document.Revision, Same: true})
	}
	return s.write(docs...)
}

func noAliasOrVersion() *fault {
	return refuse("ResourceNotFound", "Request references a resource that does not exist.")
}

// parseRouting reads which versions an alias leads to. The texts are recorded.
func parseRouting(items []routingConfigurationListItem) (ref machineRef, routes []route, err error) {
	var arns, weights []string
	sum := int64(0)
	for _, item := range items {
		arns = append(arns, item.Version)
		weights = append(weights, strconv.FormatInt(item.Weight, 10))
		sum += item.Weight
	}
	same := true
	for i, item := range items {
		v, err := parseMachine(item.Version)
		if err != nil {
			return ref, nil, err
		}
		number, err := strconv.ParseInt(v.qualifier, 10, 64)
		if err != nil || number < 1 || strconv.FormatInt(number, 10) != v.qualifier {
			return ref, nil, invalidRouting("Routing configuration must contain state machine version ARNs", arns)
		}
		if i == 0 {
			ref = v.qualified("")
		}
		same = same && v.plain() == ref.plain()
		routes = append(routes, route{Version: number, Weight: item.Weight})
	}
	switch {
	case len(items) == 2 && arns[0] == arns[1]:
		return ref, nil, invalidRouting("Routing configuration must contain distinct state machine version ARNs", arns)
	case !same:
		return ref, nil, invalidRouting(otherMachine, arns)
	case sum != 100:
		return ref, nil, invalidRouting("Sum of routing configuration weights must equal 100", weights)
	}
	return ref, routes, nil
}

// otherMachine is said of routes that are not of one state machine.
const otherMachine = "Routing configuration must contain state machine version ARNs for the same state machine"

func invalidRouting(what string, received []string) *fault {
	f := invalid("%s. Received: [%s]", what, strings.Join(received, ", "))
	f.reason = "INVALID_ROUTING_CONFIGURATION"
	return f
}

type updateStateMachineAliasIn struct {
	ARN         string                         `sfn:"stateMachineAliasArn,required,1..256"`
	Description *string                        `sfn:"description,0..256,data"`
	Routing     []routingConfigurationListItem `sfn:"routingConfiguration,1..2"`
}

func (s *scope) updateStateMachineAlias(in *updateStateMachineAliasIn) (fields, error) {
	ref, err := parseMachine(in.ARN)
	if err != nil {
		return nil, err
	}
	if in.Description == nil && in.Routing == nil {
		return nil, invalid("Either description or routing configuration must be specified")
	}
	var routes []route
	if in.Routing != nil {
		var of machineRef
		if of, routes, err = parseRouting(in.Routing); err != nil {
			return nil, err
		}
		if of.plain() != ref.plain() { // of another request it is recorded (unsure)
			return nil, invalidRouting(otherMachine, []string{in.Routing[0].Version})
		}
	}
	return s.change(func() (fields, bool, error) {
		a, err := s.existingAlias(ref)
		if err != nil {
			return nil, false, err
		}
		m, err := s.changeable(ref.qualified(""))
		if err != nil {
			return nil, false, err
		}
		if in.Description != nil {
			a.Description = *in.Description
		}
		if routes != nil {
			a.Routes = routes
		}
		a.Updated = millis(s.now)
		changed, err := s.storeAlias(ref, m, a)
		return fields{"updateDate": instant(s.now)}, changed, err
	})
}

type stateMachineAliasIn struct {
	ARN string `sfn:"stateMachineAliasArn,required,1..256"`
}

func (s *scope) describeStateMachineAlias(in *stateMachineAliasIn) (fields, error) {
	ref, err := parseMachine(in.ARN)
	if err != nil {
		return nil, err
	}
	a, err := s.existingAlias(ref)
	if err != nil {
		return nil, err
	}
	routing := make([]jsonvalue.Value, len(a.Routes))
	for i, r := range a.Routes {
		routing[i] = fields{"stateMachineVersionArn": text(ref.version(r.Version)), "weight": jsonvalue.Int(r.Weight)}.value()
	}
	answer := fields{
		"stateMachineAliasArn": text(ref.String()), "name": text(a.Name), "routingConfiguration": jsonvalue.Array(routing...),
		"creationDate": instant(fromMillis(a.Created)), "updateDate": instant(fromMillis(a.Updated)),
	}
	answer.addText("description", a.Description)
	return answer, nil
}

func (s *scope) deleteStateMachineAlias(in *stateMachineAliasIn) (fields, error) {
	ref, err := parseMachine(in.ARN)
	if err != nil {
		return nil, err
	}
	return s.change(func() (fields, bool, error) {
		a, err := s.existingAlias(ref)
		if err != nil {
			return nil, false, err
		}
		gone := a.document
		gone.Data = nil
		changed, err := s.write(gone)
		return nil, changed, err
	})
}

type listStateMachineAliasesIn struct {
	ARN        string  `sfn:"stateMachineArn,required,1..256"`
	NextToken  *string `sfn:"nextToken,1..1024"`
	MaxResults int64   `sfn:"maxResults,0..1000"`
}

// listStateMachineAliases lists the aliases of a state machine, or those that lead to a
// version.
func (s *scope) listStateMachineAliases(in *listStateMachineAliasesIn) (fields, error) {
	ref, err := parseMachine(in.ARN)
	if err != nil {
		return nil, err
	}
	page, err := s.paged(in.NextToken, in.MaxResults, in.ARN)
	if err != nil {
		return nil, err
	}
	m, _, err := s.machineAndVersion(ref)
	switch {
	case err != nil:
		return nil, err
	case m.Deleting:
		return nil, stateMachineDeleting(in.ARN)
	}
	all, err := s.handler.aliasesOf(s.ctx, ref)
	if err != nil {
		return nil, err
	}
	if ref.qualifier != "" {
		all = slices.DeleteFunc(all, func(a alias) bool { return !a.leadsTo(ref.qualifier) })
	}
	if at := slices.IndexFunc(all, func(a alias) bool { return a.position() > page.after }); at >= 0 {
		all = all[at:]
	} else {
		all = nil
	}
	return listing(page, "stateMachineAliases", all, (*alias).position, func(a *alias) (fields, error) {
		return fields{"stateMachineAliasArn": text(ref.qualified(a.Name).String()), "creationDate": instant(fromMillis(a.Created))}, nil
	})
}

// position is a text that is greater for an alias that comes later in lists.
func (a *alias) position() string { return fmt.Sprintf("%015d %s", a.Created, a.Name) }

// leadsTo reports whether executions of the alias may be of a version.
func (a *alias) leadsTo(version string) bool {
	return slices.ContainsFunc(a.Routes, func(r route) bool { return strconv.FormatInt(r.Version, 10) == version })
}
