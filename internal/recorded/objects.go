package recorded

import (
	"encoding/json"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/objects"
)

// Objects returns what a case puts into the buckets of its distributed Map states, or a Skip: what they
// held is not known.
func (c *Case) Objects() (objects.Objects, error) {
	if c.Source == "reconstructed" {
		return nil, Skip("what its buckets held is not known")
	}
	if c.before(membersSince) && c.putsObject() {
		return nil, Skip("its recording is older than maps over the members of an object")
	}
	found := objects.Memory()
	found.Now = func() time.Time { return At }
	for i := range c.Calls {
		var args struct{ Bucket, Key, Body string }
		if call := &c.Calls[i]; call.Op == "PutObject" && json.Unmarshal(call.Args, &args) == nil {
			found.Put(args.Bucket, args.Key, args.Body)
		}
	}
	return found, nil
}

// Formats lets programs begin that name a format that is not read here.
var Formats = objects.Formats{Parquet: noParquet}

// noParquet reads nothing: the recorded cases fail before a file is read.
func noParquet(io.ReaderAt, int64, int64) (objects.Rows, error) {
	return nil, errors.New("files of PARQUET are not replayed")
}

// membersSince is when AWS had begun to map over the members of an object, which it refused before.
var membersSince = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

// putsObject reports whether a file of the case is one JSON object.
func (c *Case) putsObject() bool {
	return slices.ContainsFunc(c.Calls, func(call Call) bool {
		var args struct{ Body string }
		if call.Op != "PutObject" || json.Unmarshal(call.Args, &args) != nil {
			return false
		}
		v, err := jsonvalue.Parse([]byte(args.Body))
		return err == nil && v.Kind() == jsonvalue.KindObject
	})
}

// MapsObjects reports whether a case needs S3 only for what its distributed Map states read
// and write.
func (c *Case) MapsObjects() bool { return slices.Contains(c.Features, "map-distributed") }
