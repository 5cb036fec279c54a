package asltemporal

import (
	"errors"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/log"
	"google.golang.org/protobuf/proto"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/objects"
)

// rot is a codec that turns bytes around, and may be broken.
type rot struct{ broken atomic.Bool }

func (r *rot) turn(payloads []*commonpb.Payload, encoding string, check bool) ([]*commonpb.Payload, error) {
	if r.broken.Load() {
		return nil, errors.New("the key is not there")
	}
	turned := make([]*commonpb.Payload, len(payloads))
	for i, p := range payloads {
		data := p.Data
		if check {
			inner := new(commonpb.Payload)
			if string(p.Metadata["encoding"]) != "binary/rot" {
				turned[i] = p
				continue
			}
			if err := proto.Unmarshal(flipped(data), inner); err != nil {
				return nil, err
			}
			turned[i] = inner
			continue
		}
		whole, err := proto.Marshal(p)
		if err != nil {
			return nil, err
		}
		turned[i] = &commonpb.Payload{Metadata: map[string][]byte{"encoding": []byte(encoding)}, Data: flipped(whole)}
	}
	return turned, nil
}

func flipped(data []byte) []byte {
	out := make([]byte, len(data))
	for i, b := range data {
		out[i] = b ^ 0x5a
	}
	return out
}

func (r *rot) Encode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	return r.turn(payloads, "binary/rot", false)
}

func (r *rot) Decode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	return r.turn(payloads, "", true)
}

// TestServerCodec: nothing readable reaches the server, and while the codec of a worker is broken, the
// execution waits.
func TestServerCodec(t *testing.T) {
	connect(t)
	codec := new(rot)
	data := converter.NewCodecDataConverter(converter.GetDefaultDataConverter(), codec)
	dial := func(dc converter.DataConverter) client.Client {
		c, err := client.Dial(client.Options{
			HostPort: os.Getenv("TEMPORAL_ADDRESS"), Namespace: os.Getenv("TEMPORAL_NAMESPACE"), Logger: log.NewStructuredLogger(discard), DataConverter: dc,
		})
		require.NoError(t, err)
		t.Cleanup(c.Close)
		return c
	}
	workers := new(rot) // the codec of the workers
	s := &served{t: t, Client: &Client{TaskQueue: "codec-" + time.Now().Format(time.RFC3339Nano), DataConverter: data}, worker: &Worker{Tasks: adding(), DataConverter: data}}
	s.Temporal = dial(converter.NewCodecDataConverter(converter.GetDefaultDataConverter(), workers))
	s.work(s.TaskQueue)
	s.Temporal = dial(data)
	workers.broken.Store(true)
	id := s.begin(counts, `{"n": 90}`)
	time.Sleep(2 * time.Second)
	r, err := s.Describe(s.context(), id)
	require.NoError(t, err)
	assert.Equal(t, interp.Running, r.Status)
	workers.broken.Store(false)
	assert.Equal(t, `{"n":100}`, s.succeeds(id))
	chain, err := s.chain(s.context(), id)
	require.NoError(t, err)
	for _, h := range chain {
		require.NoError(t, Replay(s.worker, h))
		assert.NotContains(t, h.String(), "StartAt")
	}
	r, err = s.Describe(s.context(), id)
	require.NoError(t, err)
	assert.Equal(t, jsonvalue.MustParse(`{"n": 90}`).String(), r.Input.String())
}

// TestServerCodecResults writes the results of a Map Run whose children only the codec can read. While it is broken,
// the results are not written.
func TestServerCodecResults(t *testing.T) {
	connect(t)
	data, broken := converter.NewCodecDataConverter(converter.GetDefaultDataConverter(), new(rot)), new(rot)
	dial := func() client.Client {
		c, err := client.Dial(client.Options{
			HostPort: os.Getenv("TEMPORAL_ADDRESS"), Namespace: os.Getenv("TEMPORAL_NAMESPACE"), Logger: log.NewStructuredLogger(discard), DataConverter: data,
		})
		require.NoError(t, err)
		t.Cleanup(c.Close)
		return c
	}
	bucket := objects.Memory()
	bucket.Put("b", "other", "")
	s := &served{t: t, Client: &Client{Temporal: dial(), TaskQueue: "codec-" + time.Now().Format(time.RFC3339Nano), DataConverter: data}, worker: &Worker{
		Tasks: runtime.Mux{"item": new(unmended)}, DataConverter: converter.NewCodecDataConverter(converter.GetDefaultDataConverter(), broken), Objects: bucket,
	}}
	broken.broken.Store(true)
	s.work(s.TaskQueue)
	id := s.begin(writing(list+`, "ToleratedFailureCount": 1, `+writer, "STANDARD"), `{"list": [1, -2, 3]}`)
	time.Sleep(2 * time.Second)
	r, err := s.Describe(s.context(), id)
	require.NoError(t, err)
	assert.Equal(t, interp.Running, r.Status)
	broken.broken.Store(false)
	assert.Contains(t, s.succeeds(id), "manifest.json")
	assert.Contains(t, printedFiles(t, bucket), `"Output":"3"`)
}
