// Command apimodel makes the data of internal/apimodel: what the operations of services of
// AWS answer. It reads the models of github.com/aws/aws-sdk-go, at the version that go.mod pins.
//
//	cd tools && GOWORK=off go run ./apimodel ../internal/apimodel/data
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	_ "github.com/aws/aws-sdk-go/aws/awserr" // keeps the module in go.mod
)

// folders are those of the services: first those with optimised integrations.
var folders = []string{
	"lambda", "athena", "batch", "bedrock-runtime", "bedrock", "codebuild", "dynamodb", "ecs", "eks", "elasticmapreduce", "emr-containers",
	"emr-serverless", "eventbridge", "glue", "databrew", "mediaconvert", "sagemaker", "sns", "sqs", "states",

	"s3", "kms", "secretsmanager", "ssm", "sts", "monitoring", "logs", "kinesis", "firehose", "rds-data", "redshift-data", "textract",
	"rekognition", "comprehend", "sesv2", "scheduler",
}

// model is the part of a file api-2.json that is read.
type model struct {
	Metadata struct {
		ServiceID string `json:"serviceId"`
	} `json:"metadata"`
	Operations map[string]struct {
		Output *reference `json:"output"`
	} `json:"operations"`
	Shapes map[string]*shape `json:"shapes"`
}

type reference struct {
	Shape string `json:"shape"`
}

type shape struct {
	Type        string               `json:"type"`
	Members     map[string]reference `json:"members"`
	Member      *reference           `json:"member"`
	Value       *reference           `json:"value"`
	Required    []string             `json:"required"`
	Enum        []string             `json:"enum"`
	Min         *float64             `json:"min"`
	Max         *float64             `json:"max"`
	EventStream bool                 `json:"eventstream"`
}

// reduced is what is written of a shape; see package apimodel.
type reduced struct {
	Kind     string            `json:"k"`
	Members  map[string]string `json:"m,omitempty"`
	Element  string            `json:"e,omitempty"`
	Required []string          `json:"r,omitempty"`
	Values   []string          `json:"v,omitempty"`
	Min      *float64          `json:"min,omitempty"`
	Max      *float64          `json:"max,omitempty"`
}

type service struct {
	Operations map[string]string  `json:"operations"`
	Shapes     map[string]reduced `json:"shapes"`
}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: apimodel FOLDER")
	}
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/aws/aws-sdk-go").Output()
	if err != nil {
		log.Fatal(err)
	}
	for _, folder := range folders {
		if err := generate(filepath.Join(strings.TrimSpace(string(dir)), "models", "apis", folder), os.Args[1]); err != nil {
			log.Fatalf("%s: %v", folder, err)
		}
	}
}

// generate writes the file of a service, from the newest of its models.
func generate(from, to string) error {
	files, err := filepath.Glob(filepath.Join(from, "*", "api-2.json"))
	if err != nil || len(files) == 0 {
		return fmt.Errorf("no model: %w", err)
	}
	slices.Sort(files)
	text, err := os.ReadFile(files[len(files)-1])
	if err != nil {
		return err
	}
	var m model
	if err := json.Unmarshal(text, &m); err != nil {
		return err
	}
	s := service{Operations: make(map[string]string), Shapes: make(map[string]reduced)}
	for name, o := range m.Operations {
		s.Operations[name] = ""
		if o.Output != nil {
			s.Operations[name] = o.Output.Shape
			s.add(&m, o.Output.Shape)
		}
	}
	name := strings.ToLower(strings.NewReplacer(" ", "", "-", "").Replace(m.Metadata.ServiceID))
	return write(filepath.Join(to, name+".json.gz"), s)
}

// add adds a shape and those that it leads to.
func (s *service) add(m *model, name string) {
	if _, done := s.Shapes[name]; done || name == "" {
		return
	}
	from := m.Shapes[name]
	r := reduced{Kind: kindOf(from), Values: from.Enum, Min: from.Min, Max: from.Max, Required: from.Required}
	s.Shapes[name] = r
	if r.Kind == "any" {
		s.Shapes[name] = reduced{Kind: "any"}
		return
	}
	for member, ref := range from.Members {
		if r.Members == nil {
			r.Members = make(map[string]string)
		}
		r.Members[member] = ref.Shape
		s.add(m, ref.Shape)
	}
	for _, ref := range []*reference{from.Member, from.Value} {
		if ref != nil {
			r.Element = ref.Shape
			s.add(m, ref.Shape)
		}
	}
	s.Shapes[name] = r
}

// kindOf returns what the value is in the JSON that Step Functions makes of an answer.
func kindOf(s *shape) string {
	switch {
	case s.EventStream:
		return "any"
	case s.Type == "string" || s.Type == "blob" || s.Type == "timestamp" || s.Type == "character":
		return "string"
	case s.Type == "integer" || s.Type == "long" || s.Type == "float" || s.Type == "double" || s.Type == "bigdecimal":
		return "number"
	case s.Type == "structure" && len(s.Members) == 0:
		return "any" // documents
	}
	return s.Type
}

func write(file string, s service) error {
	text, err := json.Marshal(s) // maps are sorted
	if err != nil {
		return err
	}
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := z.Write(text); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return os.WriteFile(file, b.Bytes(), 0o644) //nolint:gosec // it is a source
}
