/**
 * What the API answers, as far as the page reads it. Types only: no module loads this at run time.
 *
 * @typedef {{key?: string, id: string, name: string, type: string, firstUtc?: string, lastUtc?: string, severity?: string}} Resource
 * @typedef {{kind: string, value: string, key?: string, fields?: Record<string, string>}} Entity
 *
 * @typedef {object} IncidentItem
 * @property {"incident"} kind
 * @property {string} incidentId
 * @property {string} title
 * @property {string} severity
 * @property {string} confidence
 * @property {number} score
 * @property {string} status
 * @property {string} [classification]
 * @property {string} [classificationReason] where its detail was read
 * @property {string} [assignedTo]
 * @property {string[]} labels
 * @property {string[]} stages
 * @property {Resource[]} resources
 * @property {number} resourceCount
 * @property {number} alertCount
 * @property {string} firstActivityUtc
 * @property {string} lastActivityUtc
 * @property {string} createdUtc
 * @property {string} updatedUtc
 * @property {string[]} sources
 * @property {string} etag
 *
 * @typedef {object} KillChainStep
 * @property {string} stage
 * @property {string} title
 * @property {string} tacticId
 * @property {string} phase
 * @property {string} firstUtc
 * @property {string} lastUtc
 * @property {string} severity
 * @property {string[]} detections
 * @property {boolean} [counted] whether it is part of the chain that made this an incident
 * @property {boolean} [background] whether only detections that are always there saw it
 * @property {AlertMention} firstAlert
 *
 * @typedef {{atUtc: string, by: string, what: string, from?: unknown, to?: unknown, comment?: string, decision?: string}} HistoryEntry
 *
 * @typedef {object} IncidentExtra
 * @property {string} description
 * @property {KillChainStep[]} killChain
 * @property {Entity[]} entities
 * @property {string[]} remediationSteps
 * @property {Why | null} [why]
 * @property {string} [follows]
 * @property {string[]} [absorbed]
 * @property {{classification?: string, classificationReason?: string, closedUtc?: string}} triage
 * @property {HistoryEntry[]} history
 *
 * @typedef {IncidentItem & IncidentExtra} Incident
 *
 * @typedef {object} PreviewPart what an incident holds, or would hold
 * @property {string} [incidentId]
 * @property {string} [title] where it is an incident already
 * @property {number} alertCount
 * @property {number} resourceCount
 * @property {Resource[]} resources
 * @property {string} [firstActivityUtc]
 * @property {string} [lastActivityUtc]
 *
 * @typedef {{alertId: string, title: string, resource?: string, atUtc: string}} AlertMention
 *
 * @typedef {object} Link what ties two alerts together
 * @property {string} key
 * @property {string} kind
 * @property {string} value
 * @property {AlertMention[]} [alerts]
 * @property {AlertMention} [from] the two alerts, where they are told so
 * @property {AlertMention} [to]
 * @property {number} betweenSeconds
 * @property {string} text
 *
 * @typedef {object} Why
 * @property {string} rule
 * @property {{startUtc: string, endUtc: string, length: string} | null} window
 * @property {{name: string, title: string} | null} pattern
 * @property {Link[]} links
 * @property {{total: number, parts: {points: number, reason: string}[]}} score
 * @property {string[]} background
 * @property {DecidingStep[]} [stages]
 * @property {DecidingStep[]} [steps]
 *
 * @typedef {{alert?: AlertMention | null, rarity?: string | {text?: string}}} DecidingStep
 *
 * @typedef {Pick<IncidentExtra, "killChain" | "why">} MapSource what the attack map reads of an incident
 *
 * @typedef {object} AlertItem
 * @property {"alert"} kind
 * @property {string} alertId
 * @property {string} systemAlertId
 * @property {string} title
 * @property {string} severity
 * @property {string} status
 * @property {string} [classification]
 * @property {string} [classificationReason] where its detail was read
 * @property {string} [assignedTo]
 * @property {string[]} [labels]
 * @property {string[]} tactics
 * @property {string[]} techniques
 * @property {string} alertType
 * @property {Resource} resource
 * @property {string} startTimeUtc
 * @property {string} endTimeUtc
 * @property {string} source
 * @property {string} vendor
 * @property {string} product
 * @property {string} [suppressedBy] the rule that dismissed it
 * @property {{incidentId: string, title: string, severity: string, status: string, confidence: string} | null} [incident]
 * @property {"evidence" | "context"} [part] what it is of its incident
 * @property {string} etag
 *
 * @typedef {object} AlertExtra
 * @property {string} description
 * @property {Entity[]} entities
 * @property {string[]} remediationSteps
 * @property {string} link
 * @property {string[]} notes
 * @property {unknown} original
 * @property {{classification?: string, classificationReason?: string, history?: HistoryEntry[]}} triage
 * @property {{incidentId: string, title: string, severity: string, status: string, confidence: string} | null} incident
 * @property {string} [incidentReason]
 *
 * @typedef {AlertItem & AlertExtra} Alert
 *
 * @typedef {IncidentItem | AlertItem} Entry
 *
 * @typedef {object} Facets how many each further choice would leave
 * @property {number} total
 * @property {Record<string, number>} bySeverity
 * @property {Record<string, number>} byStatus
 * @property {Record<string, number>} [byStage] of incidents only
 * @property {Record<string, number>} [byConfidence] of incidents only
 * @property {boolean} [complete] of alerts, whether all were counted
 */

export {};
