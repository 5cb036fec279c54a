package asltemporal

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/dataset"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/interp"
)

// readActivity is the type of the activity that reads items of a distributed Map state from objects.
const readActivity = "statemill.read"

// reading is such an activity.
type reading struct {
	run    interp.MapRunID
	future workflow.Future
}

func (q reading) ready() bool { return q.future.IsReady() }

// readItems is the argument of the activity.
type readItems struct {
	State      string          `json:"state"`
	Resource   string          `json:"resource"`
	Config     jsonvalue.Value `json:"config"`
	Parameters jsonvalue.Value `json:"parameters"`
	Where      string          `json:"where"`
	Cursor     []byte          `json:"cursor,omitempty"`
	Skip       int             `json:"skip,omitempty"`
	Max        int             `json:"max"`
}

// chunk is its result.
type chunk struct {
	Items []item `json:"items"`
	Next  []byte `json:"next,omitempty"`
	Ended bool   `json:"ended,omitempty"`
}

type item struct {
	Value  jsonvalue.Value `json:"value"`
	Key    string          `json:"key,omitempty"`
	Keyed  bool            `json:"keyed,omitempty"`
	Source string          `json:"source,omitempty"`
}

// maxChunk is how many bytes of items an activity returns at most, if they are more than one.
const maxChunk = 1 << 20

// read has items read.
func (r *run) read(q interp.ReadItems) {
	ctx := workflow.WithActivityOptions(r.ctx, workflow.ActivityOptions{
		StartToCloseTimeout: 10 * time.Minute, HeartbeatTimeout: 0, Summary: q.Map.Name,
		RetryPolicy: &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 30 * time.Second},
	})
	r.reads = append(r.reads, reading{q.Run, workflow.ExecuteActivity(ctx, readActivity, readItems{
		State: q.Map.Name, Resource: q.Map.ItemReader.Resource.Text, Config: q.Map.ItemReader.Config,
		Parameters: q.Parameters, Where: q.Where, Cursor: q.Cursor, Skip: q.Skip, Max: q.Max,
	})})
}

// haveRead tells the machine what was read.
func (r *run) haveRead(q reading) {
	r.moved = true
	var c chunk
	err := q.future.Get(r.ctx, &c)
	var app *temporal.ApplicationError
	switch {
	case errors.As(err, &app):
		r.noted = r.x.ReadFailed(q.run, app.Message()) || r.noted
		return
	case err != nil:
		r.noted = r.x.ReadFailed(q.run, err.Error()) || r.noted
		return
	}
	read := interp.Chunk{Next: c.Next, Ended: c.Ended, Items: make([]interp.Item, len(c.Items))}
	for i, v := range c.Items {
		read.Items[i] = interp.Item(v)
	}
	r.noted = r.x.ItemsRead(q.run, read) || r.noted
}

var errNoObjects = errors.New("Worker.Objects is nil")

// read performs the activity: it returns as many items as a payload holds.
func (w *Worker) read(ctx context.Context, q readItems) (chunk, error) {
	if w.Objects == nil {
		return chunk{}, outcome(ctx, errNoObjects)
	}
	asked := interp.ReadItems{
		Map:        &asl.Map{StateInfo: asl.StateInfo{Name: q.State}, ItemReader: &asl.ItemReader{Resource: asl.ParseResource(q.Resource), Config: q.Config}},
		Parameters: q.Parameters, Where: q.Where, Cursor: q.Cursor, Skip: q.Skip, Max: q.Max,
	}
	for {
		got, err := w.readOnce(ctx, &asked)
		if err != nil {
			if ctx.Err() != nil {
				return chunk{}, ctx.Err()
			}
			return chunk{}, temporal.NewNonRetryableApplicationError(err.Error(), inputError, nil)
		}
		size := 0
		c := chunk{Next: got.Next, Ended: got.Ended, Items: make([]item, len(got.Items))}
		for i, v := range got.Items {
			c.Items[i] = item(v)
			size += v.Value.Size() + len(v.Key) + len(v.Source) + 50
		}
		if size <= maxChunk || len(c.Items) <= 1 {
			return c, nil
		}
		asked.Max = len(c.Items) / 2
	}
}

func (w *Worker) readOnce(ctx context.Context, q *interp.ReadItems) (interp.Chunk, error) {
	reader, err := dataset.New(w.Objects, w.Formats, q)
	if err != nil {
		return interp.Chunk{}, err
	}
	got, err := reader.Read(ctx, q)
	return got, errors.Join(err, reader.Close())
}
