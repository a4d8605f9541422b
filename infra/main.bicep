// Everything that the app needs, in a resource group of its own. See docs/deploy.md.
targetScope = 'subscription'

@minLength(1)
@maxLength(24)
@description('Names the deployment: part of the names of its resources.')
param environmentName string

@description('A region that offers Flex Consumption.')
@metadata({ azd: { type: 'location' } })
param location string

param resourceGroupName string = 'rg-${environmentName}'

@allowed(['serverless', 'autoscale'])
@description('How Cosmos DB is paid for: by request, or by the hour up to a limit. It cannot be changed later.')
param cosmosCapacity string = 'serverless'

@minValue(1000)
@description('The most request units a second that all containers share, with autoscale.')
param autoscaleMaxThroughput int = 1000

@minValue(1)
@maxValue(3650)
param alertRetentionDays int = 90

@minValue(1)
@maxValue(3650)
param rejectedRetentionDays int = 30

@minValue(40)
@maxValue(1000)
@description('The most instances that a function may scale out to: it bounds what a flood can cost.')
param maximumInstanceCount int = 40

@minValue(0)
@maxValue(100)
@description('Instances that answer HTTP at once after a pause; each is paid for around the clock.')
param alwaysReadyInstances int = 0

@minValue(1)
@maxValue(1000)
@description('HTTP requests that an instance answers at the same time; one at a time for Python, unless set.')
param httpConcurrency int = 16

@description('A policy of your own in the package, such as policy.json; empty: the one that ships.')
param policyFile string = ''

@description('Your own networks beside the private ones, by commas.')
param ownNetworks string = ''

@description('Addresses and names, by commas, of what passes on what others do, such as proxies and resolvers.')
param proxies string = ''

@description('Which organisation alerts of a tenant belong to: tenant=organisation, by commas.')
param tenants string = ''

@description('Client id of the Entra application that people and services sign in to; empty for keys only.')
param authClientId string = ''

@description('Roles of a caller that only a function key let in, where sign-in is on.')
param functionKeyRoles string = 'Alerts.Write'

@description('Who is told of alarms; empty: no alarms are made.')
param alarmEmail string = ''

@allowed(['off', 'azure-monitor', 'otlp'])
@description('Where metrics and traces of the app go; the package must have been made with the same TELEMETRY.')
param telemetry string = 'off'

@secure()
@description('Signs the cursors of lists. A new one ends the lists that are being paged through, nothing else.')
param cursorKey string = newGuid()

var tags = { 'azd-env-name': environmentName }

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: resourceGroupName
  location: location
  tags: tags
}

module resources 'resources.bicep' = {
  name: 'resources'
  scope: group
  params: {
    environmentName: environmentName
    location: location
    tags: tags
    cosmosCapacity: cosmosCapacity
    autoscaleMaxThroughput: autoscaleMaxThroughput
    alertRetentionDays: alertRetentionDays
    rejectedRetentionDays: rejectedRetentionDays
    maximumInstanceCount: maximumInstanceCount
    alwaysReadyInstances: alwaysReadyInstances
    httpConcurrency: httpConcurrency
    policyFile: policyFile
    ownNetworks: ownNetworks
    proxies: proxies
    tenants: tenants
    authClientId: authClientId
    functionKeyRoles: functionKeyRoles
    alarmEmail: alarmEmail
    telemetry: telemetry
    cursorKey: cursorKey
  }
}

output AZURE_LOCATION string = location
output AZURE_RESOURCE_GROUP string = group.name
output FUNCTION_APP_NAME string = resources.outputs.functionAppName
output FUNCTION_APP_URL string = resources.outputs.functionAppUrl
output STORAGE_ACCOUNT_NAME string = resources.outputs.storageAccountName
output COSMOS_ACCOUNT_NAME string = resources.outputs.cosmosAccountName
