// The app, its identity, what it logs to, and the two accounts that it works on.
param environmentName string
param location string
param tags object
param cosmosCapacity string
param autoscaleMaxThroughput int
param alertRetentionDays int
param rejectedRetentionDays int
param maximumInstanceCount int
param alwaysReadyInstances int
param httpConcurrency int
param policyFile string
param ownNetworks string
param proxies string
param tenants string
param authClientId string
param functionKeyRoles string
param alarmEmail string

@allowed(['off', 'azure-monitor', 'otlp'])
param telemetry string
@secure()
param cursorKey string

var token = toLower(uniqueString(resourceGroup().id, environmentName))
var databaseName = 'incidents'

// Monitoring Metrics Publisher: may send telemetry, and read none.
var metricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb'

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-${token}'
  location: location
  tags: tags
}

module storage 'storage.bicep' = {
  name: 'storage'
  params: {
    name: 'st${token}'
    location: location
    tags: tags
    principalId: identity.properties.principalId
  }
}

module cosmos 'cosmos.bicep' = {
  name: 'cosmos'
  params: {
    name: 'cosmos-${token}'
    location: location
    tags: tags
    databaseName: databaseName
    capacity: cosmosCapacity
    autoscaleMaxThroughput: autoscaleMaxThroughput
    alertRetentionDays: alertRetentionDays
    rejectedRetentionDays: rejectedRetentionDays
    principalId: identity.properties.principalId
  }
}

resource logs 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: 'log-${token}'
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: 30
    workspaceCapping: { dailyQuotaGb: 5 }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-${token}'
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: logs.id
    DisableLocalAuth: true
  }
}

module monitoring 'monitoring.bicep' = {
  name: 'monitoring'
  params: {
    location: location
    tags: tags
    token: token
    insightsId: insights.id
    cosmosAccountId: cosmos.outputs.id
    alarmEmail: alarmEmail
  }
}

resource publishes 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(insights.id, identity.id, metricsPublisher)
  scope: insights
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', metricsPublisher)
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: 'plan-${token}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: 'func-${token}'
  location: location
  tags: union(tags, { 'azd-service-name': 'app' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identity.id}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      ftpsState: 'Disabled'
      http20Enabled: true
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: storage.outputs.deploymentContainerUrl
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identity.id
          }
        }
      }
      scaleAndConcurrency: {
        instanceMemoryMB: 2048
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: alwaysReadyInstances == 0 ? [] : [{ name: 'http', instanceCount: alwaysReadyInstances }]
        triggers: { http: { perInstanceConcurrency: httpConcurrency } }
      }
      runtime: {
        name: 'python'
        version: '3.13'
      }
    }
  }
}

// The site's configuration is written in turn: each change restarts the app, and two at once conflict.
resource settings 'Microsoft.Web/sites/config@2024-04-01' = {
  parent: app
  name: 'appsettings'
  properties: {
    AzureWebJobsStorage__accountName: storage.outputs.name
    AzureWebJobsStorage__credential: 'managedidentity'
    AzureWebJobsStorage__clientId: identity.properties.clientId
    AzureWebJobsDisableHomepage: 'true'
    COSMOS__accountEndpoint: cosmos.outputs.endpoint
    COSMOS__credential: 'managedidentity'
    COSMOS__clientId: identity.properties.clientId
    COSMOS_DATABASE: databaseName
    ALERT_RETENTION_DAYS: string(alertRetentionDays)
    REJECTED_RETENTION_DAYS: string(rejectedRetentionDays)
    POLICY_FILE: policyFile
    OWN_NETWORKS: ownNetworks
    PROXIES: proxies
    TENANTS: tenants
    CURSOR_KEY: cursorKey
    TRUST_CLIENT_PRINCIPAL: empty(authClientId) ? 'false' : 'true'
    FUNCTION_KEY_ROLES: empty(authClientId) ? 'Admin' : functionKeyRoles
    AzureFunctionsJobHost__telemetryMode: telemetry == 'off' ? 'ApplicationInsights' : 'OpenTelemetry'
    PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY: telemetry == 'azure-monitor' ? 'true' : 'false'
    PYTHON_ENABLE_OPENTELEMETRY: telemetry == 'otlp' ? 'true' : 'false'
    APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.properties.clientId};Authorization=AAD'
  }
}

// The platform takes X-MS-CLIENT-PRINCIPAL off what comes in and sets it for who has signed in.
// Who has not is let through to the app, which lets only keys' roles and open routes pass.
resource signIn 'Microsoft.Web/sites/config@2024-04-01' = if (!empty(authClientId)) {
  parent: app
  name: 'authsettingsV2'
  dependsOn: [settings]
  properties: {
    platform: { enabled: true }
    globalValidation: {
      requireAuthentication: false
      unauthenticatedClientAction: 'AllowAnonymous'
    }
    httpSettings: { requireHttps: true }
    identityProviders: {
      azureActiveDirectory: {
        enabled: true
        registration: {
          clientId: authClientId
          openIdIssuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
        }
        validation: { allowedAudiences: [authClientId, 'api://${authClientId}'] }
      }
    }
    login: { tokenStore: { enabled: false } }
  }
}

resource noFtp 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'ftp'
  dependsOn: [settings, signIn]
  properties: { allow: false }
}

resource noBasicPublishing 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'scm'
  dependsOn: [noFtp]
  properties: { allow: false }
}

output functionAppName string = app.name
output functionAppUrl string = 'https://${app.properties.defaultHostName}'
output storageAccountName string = storage.outputs.name
output cosmosAccountName string = cosmos.outputs.name
