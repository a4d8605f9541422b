#!/bin/sh
# The checklist of a first deployment. Needs az, azd and curl, and an azd that is signed in.
# usage: sh local/first_deployment.sh ENVIRONMENT REGION
set -eu

environment=${1:?usage: sh local/first_deployment.sh ENVIRONMENT REGION}
region=${2:?usage: sh local/first_deployment.sh ENVIRONMENT REGION}
estimate="8 to 35"
step="start"
trap 'test $? -eq 0 || echo "FAILED at: $step" >&2' EXIT

begin() {
    step=$1
    echo "== $step"
}

# Repeats a command until it prints something, for ten minutes at most.
until_printed() {
    tries=60
    while test $tries -gt 0; do
        found=$("$@" 2>/dev/null || true)
        if test -n "$found"; then
            echo "$found"
            return 0
        fi
        tries=$((tries - 1))
        sleep 10
    done
    return 1
}

cd "$(dirname "$0")/.."
for tool in az azd curl; do
    step="find $tool"
    command -v $tool >/dev/null
done

begin "compile the templates"
az bicep build --file infra/main.bicep --stdout >/dev/null

begin "show what would be made"
az deployment sub what-if --name "$environment" --location "$region" \
    --template-file infra/main.bicep --no-pretty-print --query "changes[].[changeType, resourceId]" \
    --parameters environmentName="$environment" location="$region" --output tsv

begin "deploy the infrastructure and the app"
azd env select "$environment" 2>/dev/null || azd env new "$environment" --location "$region"
azd up --environment "$environment"
value() { azd env get-value "$1" --environment "$environment"; }
group=$(value AZURE_RESOURCE_GROUP)
app=$(value FUNCTION_APP_NAME)
url=$(value FUNCTION_APP_URL)
account=$(value COSMOS_ACCOUNT_NAME)

begin "list the functions"
az functionapp function list -g "$group" -n "$app" --query "[].name" -o tsv

begin "ask for its health"
until_printed curl -fsS "$url/api/health"

begin "push one alert"
key=$(az functionapp keys list -g "$group" -n "$app" --query functionKeys.default -o tsv)
began=$(date -u +%Y-%m-%dT%H:%M:%SZ)
name="first-deployment-$(date -u +%s)"
curl -fsS -X POST "$url/api/alerts" -H "x-functions-key: $key" -H "content-type: application/json" -d "{
  \"properties\": {\"systemAlertId\": \"$name\", \"alertDisplayName\": \"First deployment\",
  \"alertType\": \"FIRST_DEPLOYMENT\", \"severity\": \"Low\", \"intent\": \"InitialAccess\",
  \"startTimeUtc\": \"$began\", \"endTimeUtc\": \"$began\", \"compromisedEntity\": \"$name\"}}"
echo

begin "wait until the API shows it"
stored() { curl -fsS "$url/api/alerts?limit=50" -H "x-functions-key: $key" | grep -o "$name" | head -n 1; }
until_printed stored

begin "look at the page"
curl -fsS "$url/" | grep -qi "<!doctype html"

begin "compare request units"
id=$(az cosmosdb show -g "$group" -n "$account" --query id -o tsv)
measured() {
    az monitor metrics list --resource "$id" --metric TotalRequestUnits --aggregation Total \
        --interval PT1M --start-time "$began" --query "sum(value[0].timeseries[0].data[].total)" -o tsv
}
sleep 180
spent=$(measured)
echo "measured since the alert was pushed: $spent RU, of which an alert is estimated at $estimate."
echo "The rest are the triggers' own reads: look at TotalRequestUnits by CollectionName in the portal."
step="end"
echo "DONE: $url"
