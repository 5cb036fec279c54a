module github.com/statemill/statemill/contrib/aws

go 1.26.0

require (
	github.com/aws/aws-sdk-go-v2 v1.48.0
	github.com/statemill/statemill v0.0.0-00010101000000-000000000000
	github.com/stretchr/testify v1.12.1
)

require golang.org/x/sync v0.24.0 // indirect

require (
	github.com/aws/smithy-go v1.28.9
	go.yaml.in/yaml/v3 v3.0.5 // indirect
)

replace github.com/statemill/statemill => ../..
