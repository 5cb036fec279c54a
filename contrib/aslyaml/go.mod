module github.com/statemill/statemill/contrib/aslyaml

go 1.26.0

require (
	github.com/statemill/statemill v0.0.0
	go.yaml.in/yaml/v4 v4.0.0
)

replace github.com/statemill/statemill => ../..
