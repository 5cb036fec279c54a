// Package s3objects lets distributed Map states read from and write to buckets of Amazon S3, or of anything that speaks its protocol:
//
//	r := runtime.Runner{Objects: s3objects.Objects{Client: s3.NewFromConfig(cfg)}}
package s3objects

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/statemill/statemill/runtime/objects"
)

// Objects are the buckets that a client can reach. It is an objects.Objects.
type Objects struct {
	Client *s3.Client

	// PartSize is how many bytes of an object are written at a time; an object of more is written in parts. While it is written,
	// so much of it is in memory. Default: 8 MiB. S3 takes no less than 5 MiB, and 10,000 parts.
	PartSize int
}

// defaultPart is the default of PartSize.
const defaultPart = 8 << 20

// Open implements objects.Objects.
func (o Objects) Open(ctx context.Context, ref objects.Ref, offset int64) (io.ReadCloser, objects.Info, error) {
	in := &s3.GetObjectInput{Bucket: &ref.Bucket, Key: &ref.Key, VersionId: optional(ref.Version), ExpectedBucketOwner: optional(ref.Owner)}
	if offset > 0 {
		in.Range = aws.String(fmt.Sprintf("bytes=%d-", offset))
	}
	out, err := o.Client.GetObject(ctx, in)
	if beyond := statusOf(err) == 416; beyond { // nothing is left behind the offset
		return o.empty(ctx, ref)
	}
	if err != nil {
		return nil, objects.Info{}, failure(err)
	}
	if offset > 0 && aws.ToString(out.ContentRange) == "" { // not every server knows ranges
		if _, err := io.CopyN(io.Discard, out.Body, offset); err != nil && err != io.EOF {
			return nil, objects.Info{}, errors.Join(err, out.Body.Close())
		}
		offset = 0
	}
	return out.Body, infoOf(ref.Key, aws.ToInt64(out.ContentLength)+offset, out.ETag, out.LastModified, string(out.StorageClass)), nil
}

// empty opens an object at its end.
func (o Objects) empty(ctx context.Context, ref objects.Ref) (io.ReadCloser, objects.Info, error) {
	out, err := o.Client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &ref.Bucket, Key: &ref.Key, VersionId: optional(ref.Version), ExpectedBucketOwner: optional(ref.Owner)})
	if err != nil {
		return nil, objects.Info{}, failure(err)
	}
	info := infoOf(ref.Key, aws.ToInt64(out.ContentLength), out.ETag, out.LastModified, string(out.StorageClass))
	return io.NopCloser(strings.NewReader("")), info, nil
}

// List implements objects.Objects.
func (o Objects) List(ctx context.Context, bucket, prefix, after string) ([]objects.Info, error) {
	out, err := o.Client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &bucket, Prefix: optional(prefix), StartAfter: optional(after)})
	if err != nil {
		return nil, failure(err)
	}
	all := make([]objects.Info, 0, len(out.Contents))
	for _, c := range out.Contents {
		all = append(all, infoOf(aws.ToString(c.Key), aws.ToInt64(c.Size), c.ETag, c.LastModified, string(c.StorageClass)))
	}
	return all, nil
}

// Create implements objects.Objects. The bucket is asked for at once, so that one that is not there is known before anything is written.
func (o Objects) Create(ctx context.Context, ref objects.Ref) (objects.Writer, error) {
	if _, err := o.Client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &ref.Bucket, ExpectedBucketOwner: optional(ref.Owner)}); err != nil && statusOf(err) != 403 { // who may write need not be allowed to ask
		return nil, failure(err)
	}
	size := o.PartSize
	if size <= 0 {
		size = defaultPart
	}
	return &writer{ctx: ctx, client: o.Client, ref: ref, partSize: size}, nil
}

// writer writes an object at once, or in parts if it has more than one.
type writer struct {
	ctx      context.Context
	client   *s3.Client
	ref      objects.Ref
	partSize int

	part   []byte
	upload *string // the id of a multipart upload; nil: there is none
	parts  []types.CompletedPart
	ended  bool
	failed error // the first error, which later calls repeat
}

// Write implements io.Writer.
func (w *writer) Write(text []byte) (n int, err error) {
	if w.ended {
		return 0, fs.ErrClosed
	}
	for len(text) > 0 && w.failed == nil {
		room := min(w.partSize-len(w.part), len(text))
		w.part = append(w.part, text[:room]...)
		text, n = text[room:], n+room
		if len(w.part) == w.partSize {
			w.failed = w.send()
		}
	}
	return n, w.failed
}

// send writes a part.
func (w *writer) send() error {
	if w.upload == nil {
		out, err := w.client.CreateMultipartUpload(w.ctx, &s3.CreateMultipartUploadInput{Bucket: &w.ref.Bucket, Key: &w.ref.Key, ExpectedBucketOwner: optional(w.ref.Owner)})
		if err != nil {
			return failure(err)
		}
		w.upload = out.UploadId
	}
	number := int32(len(w.parts) + 1)
	out, err := w.client.UploadPart(w.ctx, &s3.UploadPartInput{
		Bucket: &w.ref.Bucket, Key: &w.ref.Key, UploadId: w.upload, PartNumber: &number, Body: bytes.NewReader(w.part), ExpectedBucketOwner: optional(w.ref.Owner),
	})
	if err != nil {
		return failure(err)
	}
	w.parts = append(w.parts, types.CompletedPart{ETag: out.ETag, PartNumber: &number})
	w.part = w.part[:0]
	return nil
}

// Close implements objects.Writer.
func (w *writer) Close() error {
	if w.ended {
		return w.failed
	}
	if w.failed == nil && w.upload == nil {
		_, err := w.client.PutObject(w.ctx, &s3.PutObjectInput{Bucket: &w.ref.Bucket, Key: &w.ref.Key, Body: bytes.NewReader(w.part), ExpectedBucketOwner: optional(w.ref.Owner)})
		w.ended, w.failed = true, failure(err)
		return w.failed
	}
	if w.failed == nil && len(w.part) > 0 {
		w.failed = w.send()
	}
	if w.failed == nil {
		_, err := w.client.CompleteMultipartUpload(w.ctx, &s3.CompleteMultipartUploadInput{
			Bucket: &w.ref.Bucket, Key: &w.ref.Key, UploadId: w.upload, ExpectedBucketOwner: optional(w.ref.Owner),
			MultipartUpload: &types.CompletedMultipartUpload{Parts: slices.Clone(w.parts)},
		})
		w.failed = failure(err)
	}
	if w.failed != nil {
		return errors.Join(w.failed, w.Abort())
	}
	w.ended = true
	return nil
}

// Abort implements objects.Writer. It takes the parts away also when the context of the object has ended.
func (w *writer) Abort() error {
	if w.ended {
		return nil
	}
	w.ended, w.part = true, nil
	if w.upload == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.ctx), 30*time.Second)
	defer cancel()
	_, err := w.client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: &w.ref.Bucket, Key: &w.ref.Key, UploadId: w.upload, ExpectedBucketOwner: optional(w.ref.Owner)})
	return failure(err)
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// infoOf tells of an object. S3 leaves the class out that most objects have.
func infoOf(key string, size int64, tag *string, modified *time.Time, class string) objects.Info {
	return objects.Info{
		Key: key, Size: size, ETag: strings.Trim(aws.ToString(tag), `"`), Modified: aws.ToTime(modified).UTC(), StorageClass: cmp.Or(class, "STANDARD"),
	}
}

// statusOf returns the status of a response that is an error; 0: there is none.
func statusOf(err error) int {
	var response *smithyhttp.ResponseError
	if errors.As(err, &response) {
		return response.HTTPStatusCode()
	}
	return 0
}

// failure returns the error of S3 in its own words, as one that says whether an object is missing or refused.
func failure(err error) error {
	if err == nil {
		return nil
	}
	kind := map[int]error{404: fs.ErrNotExist, 403: fs.ErrPermission}[statusOf(err)]
	var api smithy.APIError
	if kind == nil {
		return err
	}
	if errors.As(err, &api) && api.ErrorMessage() != "" {
		return fmt.Errorf("%s: %w", api.ErrorMessage(), kind)
	}
	return fmt.Errorf("S3 answers %d: %w", statusOf(err), kind)
}
