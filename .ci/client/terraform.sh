# Terraform: apply, plan without changes, an update in place, destroy, and apply again. Its
# provider has to be on this machine: the registry is not asked.
source "$(dirname "$0")/server.sh"
provider=$(find / -xdev -name 'terraform-provider-aws_v5*' -type f 2>/dev/null | head -n 1) || true # files vanish while find looks
version=$(basename "$(dirname "$(dirname "$provider")")")
printf 'provider_installation {\n  filesystem_mirror { path = "%s" }\n}\n' "$(realpath "$(dirname "$provider")/../../../../..")" >rc
export TF_CLI_CONFIG_FILE=$PWD/rc CHECKPOINT_DISABLE=1
serve --db memory

write() {
  cat >main.tf <<HCL
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "$version" }
  }
}
provider "aws" {
  region                      = "us-east-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  endpoints { sfn = "$url" }
}
resource "aws_sfn_activity" "approve" {
  name = "approve"
  tags = { team = "orders" }
}
resource "aws_sfn_state_machine" "order" {
  name     = "order"
  role_arn = "$role"
  publish  = true
  tags     = { team = "orders" }
  definition = jsonencode({
    StartAt = "P"
    States  = { P = { Type = "Pass", Result = "$1 <&>", End = true } }
  })
}
resource "aws_sfn_state_machine" "express" {
  name     = "express"
  role_arn = "$role"
  type     = "EXPRESS"
  definition = jsonencode({
    StartAt = "P"
    States  = { P = { Type = "Pass", End = true } }
  })
  logging_configuration {
    log_destination        = "arn:aws:logs:us-east-1:123456789012:log-group:orders:*"
    include_execution_data = true
    level                  = "ERROR"
  }
}
resource "aws_sfn_alias" "live" {
  name = "live"
  routing_configuration {
    state_machine_version_arn = aws_sfn_state_machine.order.state_machine_version_arn
    weight                    = 100
  }
}
data "aws_sfn_state_machine" "order" {
  name = aws_sfn_state_machine.order.name
}
output "found" {
  value = data.aws_sfn_state_machine.order.definition
}
HCL
}
tf() { timeout 600 terraform "$@"; }

write first
want 'successfully initialized' tf init -no-color -input=false
want 'Apply complete! Resources: 4 added' tf apply -no-color -auto-approve -input=false
want 'No changes' tf plan -no-color -detailed-exitcode -input=false
want '"level":"ERROR"' ask DescribeStateMachine "{\"stateMachineArn\": \"$(machine express)\"}"
write second
want '2 changed, 0 destroyed' tf apply -no-color -auto-approve -input=false
want "$(machine order):2" ask DescribeStateMachineAlias "{\"stateMachineAliasArn\": \"$(machine order):live\"}"
want '4 destroyed' tf destroy -no-color -auto-approve -input=false
want '"stateMachines":[]' ask ListStateMachines '{}'
want 'Resources: 4 added' tf apply -no-color -auto-approve -input=false
echo 'Terraform works'
