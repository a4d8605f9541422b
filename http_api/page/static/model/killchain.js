/** The fourteen stages of the kill chain, in order: the enterprise tactics of MITRE ATT&CK. */

/**
 * @typedef {object} Stage
 * @property {string} name as the API writes it
 * @property {string} title for people
 * @property {string} id in ATT&CK
 * @property {string} short for narrow places
 */

/** @type {readonly Stage[]} */
export const STAGES = Object.freeze(
  [
    ["Reconnaissance", "Reconnaissance", "TA0043", "Recon"],
    ["ResourceDevelopment", "Resource Development", "TA0042", "Prepare"],
    ["InitialAccess", "Initial Access", "TA0001", "Access"],
    ["Execution", "Execution", "TA0002", "Execution"],
    ["Persistence", "Persistence", "TA0003", "Persist"],
    ["PrivilegeEscalation", "Privilege Escalation", "TA0004", "Escalate"],
    ["DefenseEvasion", "Defense Evasion", "TA0005", "Evade"],
    ["CredentialAccess", "Credential Access", "TA0006", "Creds"],
    ["Discovery", "Discovery", "TA0007", "Discover"],
    ["LateralMovement", "Lateral Movement", "TA0008", "Lateral"],
    ["Collection", "Collection", "TA0009", "Collect"],
    ["CommandAndControl", "Command and Control", "TA0011", "Control"],
    ["Exfiltration", "Exfiltration", "TA0010", "Exfiltrate"],
    ["Impact", "Impact", "TA0040", "Impact"],
  ].map(([name, title, id, short]) => Object.freeze({ name, title, id, short })),
);

const BY_NAME = new Map(STAGES.map((stage) => [stage.name, stage]));
const ORDER = new Map(STAGES.map((stage, index) => [stage.name, index]));

/**
 * The stage's name for people; a name that is not known is shown as it is.
 * @param {string} name
 */
export function stageTitle(name) {
  return BY_NAME.get(name)?.title ?? name;
}

/**
 * Compares two stage names by their place in the chain; unknown ones come last.
 * @param {string} a
 * @param {string} b
 */
export function byStage(a, b) {
  return (ORDER.get(a) ?? STAGES.length) - (ORDER.get(b) ?? STAGES.length);
}
