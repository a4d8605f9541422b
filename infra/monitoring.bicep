// The workbook, and the alarms where there is somebody to tell. See docs/operations.md.
param location string
param tags object
param token string
param insightsId string
param cosmosAccountId string

@description('Who is told of alarms; empty: no alarms are made.')
param alarmEmail string

var told = !empty(alarmEmail)
var alarms = loadJsonContent('alarms.json').alarms

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(insightsId, 'workbook')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Alerts to incidents'
    category: 'workbook'
    sourceId: insightsId
    serializedData: loadTextContent('workbook.json')
    version: '1.0'
  }
}

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = if (told) {
  name: 'ag-${token}'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'incidents'
    enabled: true
    emailReceivers: [
      {
        name: 'email'
        emailAddress: alarmEmail
        useCommonAlertSchema: true
      }
    ]
  }
}

resource rules 'Microsoft.Insights/scheduledQueryRules@2021-08-01' = [
  for each in (told ? alarms : []): {
    name: '${each.name}-${token}'
    location: location
    tags: tags
    properties: {
      displayName: each.name
      description: each.what
      severity: each.severity
      enabled: true
      autoMitigate: true
      scopes: [insightsId]
      evaluationFrequency: each.frequency
      windowSize: each.window
      criteria: {
        allOf: [
          union(
            {
              query: each.query
              timeAggregation: each.aggregation
              operator: each.operator
              threshold: each.threshold
              failingPeriods: {
                numberOfEvaluationPeriods: 1
                minFailingPeriodsToAlert: 1
              }
            },
            empty(each.measure) ? {} : { metricMeasureColumn: each.measure }
          )
        ]
      }
      actions: { actionGroups: [people.id] }
    }
  }
]

// The service's own metric: it also counts what the SDK waits out by itself.
resource throttled 'Microsoft.Insights/metricAlerts@2018-03-01' = if (told) {
  name: 'throttled-${token}'
  location: 'global'
  tags: tags
  properties: {
    description: 'Cosmos DB refuses requests because they cost more than it may spend.'
    severity: 2
    enabled: true
    autoMitigate: true
    scopes: [cosmosAccountId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          name: 'throttled'
          criterionType: 'StaticThresholdCriterion'
          metricNamespace: 'Microsoft.DocumentDB/databaseAccounts'
          metricName: 'TotalRequests'
          dimensions: [
            {
              name: 'StatusCode'
              operator: 'Include'
              values: ['429']
            }
          ]
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 1000
        }
      ]
    }
    actions: [{ actionGroupId: people.id }]
  }
}
