module github.com/statemill/statemill/contrib/aslyaml

go 1.26.0

require (
	github.com/statemill/statemill v0.0.0
	github.com/stretchr/testify v1.12.1
	go.yaml.in/yaml/v4 v4.0.0
)

require go.yaml.in/yaml/v3 v3.0.5 // indirect

replace github.com/statemill/statemill => ../..
