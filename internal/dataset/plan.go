package dataset

import (
	"errors"
	"fmt"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/objects"
)

// refusal is an error in the words of AWS, which writes sentences.
type refusal string

// Error implements error.
func (r refusal) Error() string { return string(r) }

// plan says what an ItemReader reads.
type plan struct {
	bucket, key, version, owner, prefix string

	lists    bool   // the items are the objects that are found
	flattens bool   // the items are in the objects that are found
	manifest string // "S3_INVENTORY" or "ATHENA_DATA"; "": the object is no manifest
	format   string // "CSV", "JSON", "JSONL" or "PARQUET"

	header    []string // of CSV; nil: the first row
	delimiter byte
	pointer   string // ItemsPointer
	where     string // begins the cause of some errors
}

func planOf(r *interp.ReadItems) (*plan, error) {
	reader := r.Map.ItemReader
	p := &plan{delimiter: ',', where: r.Where}
	for name, to := range map[string]*string{
		"Bucket": &p.bucket, "Key": &p.key, "VersionId": &p.version, "ExpectedBucketOwner": &p.owner, "Prefix": &p.prefix,
	} {
		*to = textOf(r.Parameters, name)
	}
	config := reader.Config
	p.format, p.pointer, p.manifest = textOf(config, "InputType"), textOf(config, "ItemsPointer"), textOf(config, "ManifestType")
	p.flattens = textOf(config, "Transformation") == "LOAD_AND_FLATTEN"
	p.lists = reader.Resource.Action == "listObjectsV2" && !p.flattens
	if p.format == "MANIFEST" || p.manifest == "S3_INVENTORY" {
		p.format, p.manifest = "CSV", "S3_INVENTORY"
	}
	if p.format == "PARQUET" && p.version != "" {
		return nil, refusal("S3 Version ID selection is not currently supported for PARQUET files")
	}
	switch textOf(config, "CSVDelimiter") {
	case "PIPE":
		p.delimiter = '|'
	case "SEMICOLON":
		p.delimiter = ';'
	case "SPACE":
		p.delimiter = ' '
	case "TAB":
		p.delimiter = '\t'
	}
	if textOf(config, "CSVHeaderLocation") == "GIVEN" {
		p.header = []string{}
		headers, _ := config.Get("CSVHeaders")
		for _, v := range headers.Elements() {
			text, _ := v.AsString()
			p.header = append(p.header, text)
		}
		if err := distinct(p.header); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func textOf(v jsonvalue.Value, name string) string {
	member, _ := v.Get(name)
	text, _ := member.AsString()
	return text
}

// Readable returns why an ItemReader can never be read by this package; nil: it may be.
func Readable(r *asl.ItemReader, formats objects.Formats) error {
	key := textOf(r.Parameters.Value, "Key")
	switch format := textOf(r.Config, "InputType"); {
	case format == "PARQUET" && formats.Parquet == nil:
		return errParquet
	case format != "PARQUET" && zstd(key) && formats.Zstd == nil:
		return errZstd(key)
	}
	return nil
}

// Where the formats are that this module does not read.
const otherwhere = "package github.com/statemill/statemill/contrib/parquet reads it"

var errParquet = errors.New("dataset: PARQUET cannot be read, because Formats has no Parquet: " + otherwhere)

func errZstd(key string) error {
	return fmt.Errorf("dataset: %s is compressed by zstd and cannot be read, because Formats has no Zstd: %s", key, otherwhere)
}
