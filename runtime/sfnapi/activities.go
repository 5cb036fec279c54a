package sfnapi

import (
	"context"
	"errors"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/store"
)

// activity is a name under which workers ask for tasks. Its key is PLACE/t/NAME.
type activity struct {
	Created int64 `json:"created"`
	Tags    []tag `json:"tags,omitempty"`

	name     string
	document store.Document
}

func (p place) activityKey(name string) string { return p.prefix() + "/t/" + name }

func noActivity(arn string) *fault {
	return refuse("ActivityDoesNotExist", "Activity Does Not Exist: '%s'", arn)
}

// activityOf returns the activity of an ARN.
func (s *scope) activityOf(text string) (a *activity, found bool, err error) {
	ref, err := parseARN(text, kindActivity)
	if err != nil {
		return nil, false, err
	}
	if len(ref.parts) != 1 || ref.place != s.place || !validName(ref.parts[0]) {
		return nil, false, nil
	}
	return s.activityNamed(ref.parts[0])
}

func (s *scope) activityNamed(name string) (a *activity, found bool, err error) {
	docs, err := s.handler.documents.Read(s.ctx, s.activityKey(name))
	if err != nil || docs[0].Revision == 0 {
		return nil, false, err
	}
	a = &activity{name: name, document: docs[0]}
	return a, true, decodeDocument(&docs[0], a)
}

// activityExists is what the Engine asks before an execution waits for a worker.
func (h *Handler) activityExists(ctx context.Context, text string) (bool, error) {
	ref, err := parseARN(text, kindActivity)
	if err != nil || len(ref.parts) != 1 {
		return false, err
	}
	docs, err := h.documents.Read(ctx, ref.activityKey(ref.parts[0]))
	return err == nil && docs[0].Revision != 0, err
}

func (s *scope) activityItem(a *activity) fields {
	return fields{"activityArn": text(s.of(kindActivity, a.name)), "name": text(a.name), "creationDate": instant(fromMillis(a.Created))}
}

type createActivityIn struct {
	Name       string                   `sfn:"name,required,1..80"`
	Tags       []tag                    `sfn:"tags"`
	Encryption *encryptionConfiguration `sfn:"encryptionConfiguration"`
}

// createActivity answers for one that exists as if it had just been created.
func (s *scope) createActivity(in *createActivityIn) (fields, error) {
	if !validName(in.Name) {
		return nil, invalidName(in.Name)
	}
	if err := in.Encryption.check(); err != nil {
		return nil, err
	}
	tags, err := addTags(nil, in.Tags, s.of(kindActivity, in.Name))
	if err != nil {
		return nil, err
	}
	return s.change(func() (fields, bool, error) {
		a, found, err := s.activityNamed(in.Name)
		changed := false
		if err == nil && !found {
			a = &activity{Created: millis(s.now), Tags: tags, name: in.Name}
			changed, err = s.write(store.Document{Key: s.activityKey(in.Name), Data: encodeDocument(a)})
		}
		if err != nil {
			return nil, false, err
		}
		answer := s.activityItem(a)
		delete(answer, "name")
		return answer, changed, nil
	})
}

type activityIn struct {
	ARN string `sfn:"activityArn,required,1..256"`
}

// deleteActivity succeeds for one that is not there as well (recorded).
func (s *scope) deleteActivity(in *activityIn) (fields, error) {
	return s.change(func() (fields, bool, error) {
		a, found, err := s.activityOf(in.ARN)
		if err != nil || !found {
			return nil, false, err
		}
		gone := a.document
		gone.Data = nil
		changed, err := s.write(gone)
		return nil, changed, err
	})
}

func (s *scope) describeActivity(in *activityIn) (fields, error) {
	a, found, err := s.activityOf(in.ARN)
	if err == nil && !found {
		err = noActivity(in.ARN)
	}
	if err != nil {
		return nil, err
	}
	answer := s.activityItem(a)
	answer["encryptionConfiguration"] = ownedKey
	return answer, nil
}

type listActivitiesIn struct {
	MaxResults int64   `sfn:"maxResults,0..1000"`
	NextToken  *string `sfn:"nextToken,1..1024"`
}

// listActivities lists by name.
func (s *scope) listActivities(in *listActivitiesIn) (fields, error) {
	return s.listByName("activities", s.activityKey(""), in.MaxResults, in.NextToken, func(name string, d *store.Document) (fields, error) {
		a := activity{name: name}
		err := decodeDocument(d, &a)
		return s.activityItem(&a), err
	})
}

type getActivityTaskIn struct {
	ARN    string  `sfn:"activityArn,required,1..256"`
	Worker *string `sfn:"workerName,1..80"`
}

// maxPolls is how many workers wait for tasks of one activity at a time.
const maxPolls = 1000

// getActivityTask waits for a task. If none comes, the answer is empty (recorded); so it
// is when the server ends.
func (s *scope) getActivityTask(in *getActivityTaskIn) (fields, error) {
	_, found, err := s.activityOf(in.ARN)
	if err == nil && !found {
		err = noActivity(in.ARN)
	}
	if err != nil {
		return nil, err
	}
	leave, ok := s.handler.poll(in.ARN)
	if !ok { // the words are not recorded (unsure)
		return nil, refuse("ActivityWorkerLimitExceeded", "The maximum number of workers concurrently polling for activity tasks has been reached.")
	}
	defer leave()
	ctx, cancel := context.WithTimeout(s.ctx, s.handler.config.Poll)
	defer cancel()
	defer context.AfterFunc(s.handler.ctx, cancel)()
	if serving, ok := s.ctx.Value(servingKey{}).(context.Context); ok {
		defer context.AfterFunc(serving, cancel)()
	}
	worker := ""
	if in.Worker != nil {
		worker = *in.Worker
	}
	workers, ok := s.handler.executions.(polled)
	if !ok {
		return nil, lacking("tasks for GetActivityTask")
	}
	task, err := workers.PollActivity(ctx, in.ARN, worker)
	switch {
	case err == nil:
		return fields{"taskToken": jsonvalue.String(task.Token), "input": text(task.Input.String())}, nil
	case ctx.Err() != nil || errors.Is(err, runtime.ErrClosed):
		return nil, nil
	}
	return nil, err
}

// poll counts a worker that waits for tasks of an activity.
func (h *Handler) poll(activity string) (leave func(), ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.polls[activity] >= maxPolls {
		return nil, false
	}
	h.polls[activity]++
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.polls[activity]--; h.polls[activity] == 0 {
			delete(h.polls, activity)
		}
	}, true
}
