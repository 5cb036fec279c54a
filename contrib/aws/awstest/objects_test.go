package awstest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/contrib/aws/s3objects"
	"github.com/statemill/statemill/internal/objectstest"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/objects"
)

// fakeS3 returns objects in a stand-in of S3, with the bucket "b".
func fakeS3(t *testing.T, part int) s3objects.Objects {
	t.Helper()
	backend := s3mem.New()
	require.NoError(t, backend.CreateBucket("b"))
	server := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(server.Close)
	o := s3objects.Objects{Client: s3.NewFromConfig(configAt(server.URL), func(o *s3.Options) { o.UsePathStyle = true }), PartSize: part}
	w, err := o.Create(t.Context(), objects.Ref{Bucket: "b", Key: "seed"})
	require.NoError(t, errors.Join(err, w.Close()))
	return o
}

func TestS3Objects(t *testing.T) { objectstest.Run(t, fakeS3(t, 0)) }

// An object of several parts is there when it is closed, and leaves nothing behind when it is not.
func TestS3Parts(t *testing.T) {
	const part = 5 << 20
	o := fakeS3(t, part)
	text := bytes.Repeat([]byte("0123456789abcdef"), (2*part+100)/16)
	w, err := o.Create(t.Context(), objects.Ref{Bucket: "b", Key: "large"})
	require.NoError(t, err)
	for rest := text; len(rest) > 0; {
		n, err := w.Write(rest[:min(len(rest), 1<<20+7)])
		require.NoError(t, err)
		rest = rest[n:]
	}
	require.NoError(t, w.Close())
	r, info, err := o.Open(t.Context(), objects.Ref{Bucket: "b", Key: "large"}, part+3)
	require.NoError(t, err)
	found, err := io.ReadAll(r)
	require.NoError(t, errors.Join(err, r.Close()))
	require.True(t, bytes.Equal(text[part+3:], found))
	require.Equal(t, int64(len(text)), info.Size)

	w, err = o.Create(t.Context(), objects.Ref{Bucket: "b", Key: "half"})
	require.NoError(t, err)
	_, err = w.Write(text)
	require.NoError(t, err)
	require.NoError(t, w.Abort())
	_, err = w.Write(text)
	require.Error(t, err)
	bucket := "b"
	uploads, err := o.Client.ListMultipartUploads(t.Context(), &s3.ListMultipartUploadsInput{Bucket: &bucket})
	require.NoError(t, err)
	require.Empty(t, uploads.Uploads)
}

// A distributed Map reads from a bucket and writes into it.
func TestS3MapRun(t *testing.T) {
	o := fakeS3(t, 0)
	w, err := o.Create(t.Context(), objects.Ref{Bucket: "b", Key: "in.jsonl"})
	require.NoError(t, err)
	for i := range 100 {
		_, err = fmt.Fprintln(w, i)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	r := runtime.Runner{Objects: o}
	out, err := r.Run(t.Context(), compiled(t, `{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true,
		"ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSONL"}, "Parameters": {"Bucket": "b", "Key": "in.jsonl"}},
		"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}, "StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}},
		"ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "b", "Prefix": "out"}, "WriterConfig": {"Transformation": "COMPACT", "OutputType": "JSONL"}}}}}`), jsonvalue.Object())
	require.NoError(t, err)
	details, _ := out.Get("ResultWriterDetails")
	key, _ := details.Get("Key")
	manifest, _ := key.AsString()
	body, _, err := o.Open(t.Context(), objects.Ref{Bucket: "b", Key: strings.TrimSuffix(manifest, "manifest.json") + "SUCCEEDED_0.jsonl"}, 0)
	require.NoError(t, err)
	text, err := io.ReadAll(body)
	require.NoError(t, errors.Join(err, body.Close()))
	require.Equal(t, 100, strings.Count(string(text), "\n"))
}

// A server that does not know ranges is read from the offset on nevertheless.
func TestS3WithoutRanges(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "0123456789") }))
	defer server.Close()
	o := s3objects.Objects{Client: s3.NewFromConfig(configAt(server.URL), func(o *s3.Options) { o.UsePathStyle = true })}
	for offset, want := range map[int64]string{0: "0123456789", 7: "789", 10: ""} {
		r, info, err := o.Open(t.Context(), objects.Ref{Bucket: "b", Key: "k"}, offset)
		require.NoError(t, err)
		found, err := io.ReadAll(r)
		require.NoError(t, errors.Join(err, r.Close()))
		require.Equal(t, want, string(found))
		require.Equal(t, int64(10), info.Size)
	}
}
