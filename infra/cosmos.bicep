// The database and its containers, as shared/store/definitions.py has them. No keys.
param name string
param location string
param tags object
param databaseName string

@allowed(['serverless', 'autoscale'])
param capacity string
param autoscaleMaxThroughput int
param alertRetentionDays int
param rejectedRetentionDays int

@description('The app\'s identity.')
param principalId string

// Written by `python -m local.package.infrastructure`; a test fails when it is not fresh.
var definitions = loadJsonContent('containers.json')
var daySeconds = 86400

// Seconds that each container keeps an item; 0 leaves expiry off.
var alertTtl = alertRetentionDays * daySeconds
var rejectedTtl = rejectedRetentionDays * daySeconds
var ttls = [
  for each in definitions.containers: each.retention == 'ALERT_RETENTION_DAYS' ? alertTtl : (each.retention == 'REJECTED_RETENTION_DAYS' ? rejectedTtl : each.defaultTtl)
]

// Cosmos DB Built-in Data Contributor: items, queries and the change feed; no containers, no keys.
var dataContributor = '00000000-0000-0000-0000-000000000002'

resource account 'Microsoft.DocumentDB/databaseAccounts@2024-11-15' = {
  name: name
  location: location
  tags: tags
  kind: 'GlobalDocumentDB'
  properties: {
    databaseAccountOfferType: 'Standard'
    locations: [
      {
        locationName: location
        failoverPriority: 0
      }
    ]
    consistencyPolicy: { defaultConsistencyLevel: 'Session' }
    capabilities: capacity == 'serverless' ? [{ name: 'EnableServerless' }] : []
    disableLocalAuth: true
    disableKeyBasedMetadataWriteAccess: true
    minimalTlsVersion: 'Tls12'
    backupPolicy: {
      type: 'Continuous'
      continuousModeProperties: { tier: 'Continuous7Days' }
    }
  }
}

resource database 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases@2024-11-15' = {
  parent: account
  name: databaseName
  properties: {
    resource: { id: databaseName }
    options: capacity == 'autoscale' ? { autoscaleSettings: { maxThroughput: autoscaleMaxThroughput } } : {}
  }
}

resource containers 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers@2024-11-15' = [
  for (each, index) in definitions.containers: {
    parent: database
    name: each.name
    properties: {
      resource: union(
        {
          id: each.name
          partitionKey: {
            paths: [each.partitionKey]
            kind: 'Hash'
            version: 2
          }
          indexingPolicy: each.indexingPolicy
        },
        ttls[index] == 0 ? {} : { defaultTtl: ttls[index] }
      )
    }
  }
]

resource access 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@2024-11-15' = {
  parent: account
  name: guid(account.id, principalId, databaseName)
  properties: {
    roleDefinitionId: '${account.id}/sqlRoleDefinitions/${dataContributor}'
    principalId: principalId
    scope: '${account.id}/dbs/${database.name}'
  }
}

output id string = account.id
output name string = account.name
output endpoint string = account.properties.documentEndpoint
