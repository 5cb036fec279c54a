module github.com/statemill/statemill

go 1.26.0

require (
	github.com/ohler55/ojg v1.28.5
	github.com/santhosh-tekuri/jsonschema/v5 v5.3.1
	github.com/stretchr/testify v1.12.1
	golang.org/x/sync v0.24.0
)

require go.yaml.in/yaml/v3 v3.0.5 // indirect
