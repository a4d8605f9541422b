// What @azure/cosmos does to the emulator. Run by test_cosmos_javascript.py, which starts one with four
// partitions and gives its address in COSMOS_ENDPOINT.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { BulkOperationType, CosmosClient, ChangeFeedStartFrom, PartitionKeyBuilder } from '@azure/cosmos'

const endpoint = process.env.COSMOS_ENDPOINT
const key = 'C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw=='
const client = new CosmosClient({ endpoint, key, connectionPolicy: { enableBackgroundEndpointRefreshing: false } })
const composites = [
  [{ path: '/n', order: 'ascending' }, { path: '/id', order: 'ascending' }],
  [{ path: '/group', order: 'ascending' }, { path: '/n', order: 'descending' }],
]

let database
let serial = 0

before(async () => {
  database = (await client.databases.createIfNotExists({ id: 'javascript' })).database
})

after(async () => {
  await database.delete()
  client.dispose()
})

async function newContainer(definition = {}, options = {}) {
  serial += 1
  const { container } = await database.containers.create({ id: `c${serial}`, partitionKey: '/pk', ...definition }, options)
  return container
}

// Sixty items over twelve logical partitions: n is 0 to 59, group is one of three, score is missing in every tenth.
async function filled(definition = {}) {
  const container = await newContainer({ indexingPolicy: { compositeIndexes: composites }, ...definition })
  const bodies = Array.from({ length: 60 }, (_, n) => ({
    id: `i${String(n).padStart(2, '0')}`,
    pk: `p${n % 12}`,
    n,
    group: 'abc'[n % 3],
    tags: [`t${n % 4}`, `u${n % 5}`],
    deep: { value: n / 2 },
    ...(n % 10 ? { score: n % 7 } : {}),
  }))
  await container.items.executeBulkOperations(
    bodies.map((resourceBody) => ({ operationType: BulkOperationType.Create, resourceBody, partitionKey: resourceBody.pk })),
  )
  return container
}

async function rows(container, query, options) {
  return (await container.items.query(query, options).fetchAll()).resources
}

async function refusal(promise, code, substatus) {
  await assert.rejects(promise, (error) => {
    assert.equal(error.code, code, error.message)
    if (substatus !== undefined) assert.equal(Number(error.substatus ?? error.subStatusCode ?? 0), substatus)
    return true
  })
}

async function admin(method, path, body) {
  const reply = await fetch(new URL(`/_emulator/${path}`, endpoint), { method, body: body && JSON.stringify(body) })
  assert.ok(reply.ok, await reply.clone().text())
  return reply.json()
}

describe('account, databases and containers', () => {
  test('the account has session consistency', async () => {
    const { resource } = await client.getDatabaseAccount()
    assert.equal(resource.consistencyPolicy, 'Session')
  })

  test('a database is created, read, listed, queried and deleted', async () => {
    const { database: made } = await client.databases.create({ id: 'one-more' })
    assert.equal((await made.read()).resource.id, 'one-more')
    assert.ok((await client.databases.readAll().fetchAll()).resources.some((each) => each.id === 'one-more'))
    const found = await client.databases.query("SELECT * FROM r WHERE r.id = 'one-more'").fetchAll()
    assert.equal(found.resources.length, 1)
    await made.delete()
    await refusal(made.read(), 404)
  })

  test('a database of the same name is a conflict', () => refusal(client.databases.create({ id: 'javascript' }), 409))
  test('a missing database is not found', () => refusal(client.database('none').read(), 404))
  test('an id with a slash is refused', () => assert.rejects(client.databases.create({ id: 'a/b' })))

  test('a container keeps its definition', async () => {
    const container = await newContainer({ defaultTtl: 60, indexingPolicy: { compositeIndexes: composites } })
    const { resource } = await container.read()
    assert.deepEqual(resource.partitionKey.paths, ['/pk'])
    assert.equal(resource.defaultTtl, 60)
    assert.equal(resource.indexingPolicy.compositeIndexes.length, 2)
  })

  test('createIfNotExists finds what exists', async () => {
    const container = await newContainer()
    const again = await database.containers.createIfNotExists({ id: container.id, partitionKey: '/pk' })
    assert.equal(again.statusCode, 200)
  })

  test('containers are listed and queried', async () => {
    const container = await newContainer()
    const all = await database.containers.readAll().fetchAll()
    assert.ok(all.resources.some((each) => each.id === container.id))
    const query = { query: 'SELECT * FROM r WHERE r.id = @id', parameters: [{ name: '@id', value: container.id }] }
    assert.equal((await database.containers.query(query).fetchAll()).resources.length, 1)
  })

  test('the time to live of a container can change', async () => {
    const container = await newContainer()
    const { resource } = await container.read()
    await container.replace({ ...resource, defaultTtl: 5 })
    assert.equal((await container.read()).resource.defaultTtl, 5)
  })

  test('the partition key of a container cannot change', async () => {
    const container = await newContainer()
    const { resource } = await container.read()
    await refusal(container.replace({ ...resource, partitionKey: { paths: ['/other'] } }), 400)
  })

  test('a deleted container is gone', async () => {
    const container = await newContainer()
    await container.delete()
    await refusal(container.read(), 404)
    await refusal(container.item('1', 'a').read().then((reply) => reply.statusCode === 404 && Promise.reject(Object.assign(new Error('404'), { code: 404 }))), 404)
  })

  test('its partition key ranges cover the space', async () => {
    const container = await newContainer()
    const { resources } = await container.readPartitionKeyRanges().fetchAll()
    assert.equal(resources.length, 4)
    assert.equal(resources[0].minInclusive, '')
    assert.equal(resources.at(-1).maxExclusive, 'FF')
  })

  test('its feed ranges are as many', async () => {
    assert.equal((await (await newContainer()).getFeedRanges()).length, 4)
  })

  test('users and their permissions are kept', async () => {
    const container = await newContainer()
    const { user } = await database.users.create({ id: `user${serial}` })
    await user.permissions.create({ id: 'may-read', permissionMode: 'Read', resource: container.url })
    assert.equal((await user.permissions.readAll().fetchAll()).resources[0].id, 'may-read')
    await user.delete()
  })
})

describe('throughput', () => {
  test('an offer can be read and raised', async () => {
    const container = await newContainer({ throughput: 500 })
    const { resource, offer } = await container.readOffer()
    assert.equal(resource.content.offerThroughput, 500)
    resource.content.offerThroughput = 800
    assert.equal((await offer.replace(resource)).resource.content.offerThroughput, 800)
  })

  test('autoscale keeps its maximum', async () => {
    const { resource } = await (await newContainer({ maxThroughput: 4000 })).readOffer()
    assert.equal(resource.content.offerAutopilotSettings.maxThroughput, 4000)
  })

  test('less than the least is refused', async () => {
    const { resource, offer } = await (await newContainer({ throughput: 500 })).readOffer()
    resource.content.offerThroughput = 100
    await refusal(offer.replace(resource), 400)
  })

  test('the least is told', async () => {
    const { offer } = await (await newContainer({ throughput: 500 })).readOffer()
    assert.equal((await offer.read()).headers['x-ms-cosmos-min-throughput'], '400')
  })

  test('a budget that is spent throttles, and the client waits it out', async () => {
    // Few enough that none of them meets the spent budget in all of the ten tries that the SDK makes.
    const writes = 12
    const container = await newContainer()
    await admin('PUT', 'throughput', { requestUnits: 60 })
    try {
      await Promise.all(Array.from({ length: writes }, (_, n) => container.items.create({ id: `i${n}`, pk: `p${n}` })))
    } finally {
      await admin('DELETE', 'throughput')
    }
    assert.equal((await rows(container, 'SELECT VALUE c.id FROM c')).length, writes)
  })
})

describe('items', () => {
  let container
  before(async () => {
    container = await newContainer()
  })

  test('an item is created and read', async () => {
    const { resource, statusCode, requestCharge } = await container.items.create({ id: '1', pk: 'a', n: 1 })
    assert.equal(statusCode, 201)
    assert.ok(requestCharge > 0)
    assert.deepEqual((await container.item('1', 'a').read()).resource, resource)
  })

  test('an item without an id gets one', async () => {
    const { resource } = await container.items.create({ pk: 'a' })
    assert.ok(resource.id)
  })

  test('the same id is a conflict in one partition and none in another', async () => {
    await container.items.create({ id: 'same', pk: 'a' })
    await refusal(container.items.create({ id: 'same', pk: 'a' }), 409)
    assert.equal((await container.items.create({ id: 'same', pk: 'b' })).statusCode, 201)
  })

  test('a missing item reads as nothing', async () => {
    const reply = await container.item('none', 'a').read()
    assert.equal(reply.statusCode, 404)
    assert.equal(reply.resource, undefined)
  })

  test('an upsert creates, then replaces', async () => {
    assert.equal((await container.items.upsert({ id: 'up', pk: 'a', n: 1 })).statusCode, 201)
    assert.equal((await container.items.upsert({ id: 'up', pk: 'a', n: 2 })).statusCode, 200)
  })

  test('a replace changes the whole item', async () => {
    await container.items.create({ id: 'whole', pk: 'a', old: true })
    const { resource } = await container.item('whole', 'a').replace({ id: 'whole', pk: 'a', fresh: true })
    assert.equal(resource.old, undefined)
    assert.equal(resource.fresh, true)
  })

  test('a replace of what is missing is not found', () => refusal(container.item('none', 'a').replace({ id: 'none', pk: 'a' }), 404))

  test('a deleted item is gone', async () => {
    await container.items.create({ id: 'gone', pk: 'a' })
    assert.equal((await container.item('gone', 'a').delete()).statusCode, 204)
    await refusal(container.item('gone', 'a').delete(), 404)
  })

  test('a stale ETag is a failed precondition', async () => {
    const { resource } = await container.items.create({ id: 'tagged', pk: 'a' })
    const condition = { type: 'IfMatch', condition: resource._etag }
    const { resource: changed } = await container.item('tagged', 'a').replace({ ...resource, n: 1 }, { accessCondition: condition })
    await refusal(container.item('tagged', 'a').replace({ ...changed, n: 2 }, { accessCondition: condition }), 412)
    await refusal(container.item('tagged', 'a').delete({ accessCondition: condition }), 412)
  })

  test('a read of what has not changed is not modified', async () => {
    const { resource } = await container.items.create({ id: 'still', pk: 'a' })
    const condition = { type: 'IfNoneMatch', condition: resource._etag }
    assert.equal((await container.item('still', 'a').read({ accessCondition: condition })).statusCode, 304)
  })

  test('keys may be numbers, booleans and null', async () => {
    for (const pk of [1.5, true, null]) {
      await container.items.create({ id: 'typed', pk })
      assert.equal((await container.item('typed', pk).read()).resource.pk, pk)
    }
  })

  test('an item may lack its key', async () => {
    await container.items.create({ id: 'keyless' })
    assert.equal((await container.item('keyless', undefined).read()).statusCode, 200)
  })

  test('an id may hold blanks and letters of any script', async () => {
    await container.items.create({ id: 'größer als 5 %', pk: 'a' })
    assert.equal((await container.item('größer als 5 %', 'a').read()).statusCode, 200)
  })

  test('an id with a slash is refused', () => assert.rejects(container.items.create({ id: 'a/b', pk: 'a' })))

  test('an item over two megabytes is too large', () => refusal(container.items.create({ id: 'big', pk: 'a', text: 'x'.repeat(2.1e6) }), 413))

  test('all items are read', async () => {
    const { resources } = await container.items.readAll().fetchAll()
    assert.ok(resources.length > 5)
  })

  test('items of a partition are deleted together', async () => {
    await container.items.create({ id: '1', pk: 'whole-partition' })
    await container.items.create({ id: '2', pk: 'whole-partition' })
    await container.deleteAllItemsForPartitionKey('whole-partition')
    assert.deepEqual(await rows(container, 'SELECT * FROM c', { partitionKey: 'whole-partition' }), [])
  })

  test('a session token is given and taken', async () => {
    const { headers } = await container.items.create({ id: 'session', pk: 'a' })
    const sessionToken = headers['x-ms-session-token']
    assert.match(sessionToken, /^\d+:-1#\d+$/)
    assert.equal((await container.item('session', 'a').read({ sessionToken })).statusCode, 200)
  })
})

describe('patches', () => {
  let container
  before(async () => {
    container = await newContainer()
  })

  const cases = [
    ['add', [{ op: 'add', path: '/fresh', value: 1 }], { fresh: 1 }],
    ['set', [{ op: 'set', path: '/n', value: 9 }], { n: 9 }],
    ['replace', [{ op: 'replace', path: '/n', value: 8 }], { n: 8 }],
    ['remove', [{ op: 'remove', path: '/n' }], { n: undefined }],
    ['increment', [{ op: 'incr', path: '/n', value: 4 }], { n: 5 }],
    ['append', [{ op: 'add', path: '/list/-', value: 3 }], { list: [1, 2, 3] }],
    ['move', [{ op: 'move', from: '/n', path: '/moved' }], { n: undefined, moved: 1 }],
    ['several', [{ op: 'set', path: '/n', value: 5 }, { op: 'incr', path: '/n', value: 1 }], { n: 6 }],
  ]
  for (const [name, operations, expected] of cases) {
    test(name, async () => {
      await container.items.create({ id: name, pk: 'a', n: 1, list: [1, 2] })
      const { resource } = await container.item(name, 'a').patch(operations)
      for (const [property, value] of Object.entries(expected)) assert.deepEqual(resource[property], value)
    })
  }

  test('a condition decides', async () => {
    await container.items.create({ id: 'if', pk: 'a', n: 1 })
    const operations = [{ op: 'incr', path: '/n', value: 1 }]
    await refusal(container.item('if', 'a').patch({ condition: 'from c where c.n = 2', operations }), 412)
    const { resource } = await container.item('if', 'a').patch({ condition: 'from c where c.n = 1', operations })
    assert.equal(resource.n, 2)
  })

  test('more than ten operations are refused', async () => {
    await container.items.create({ id: 'many', pk: 'a', n: 1 })
    await refusal(container.item('many', 'a').patch(Array(11).fill({ op: 'incr', path: '/n', value: 1 })), 400)
  })
})

describe('batches', () => {
  let container
  before(async () => {
    container = await newContainer()
  })

  test('a transactional batch does all', async () => {
    const { result, code } = await container.items.batch(
      [
        { operationType: BulkOperationType.Create, resourceBody: { id: '1', pk: 'a' } },
        { operationType: BulkOperationType.Upsert, resourceBody: { id: '1', pk: 'a', n: 1 } },
        { operationType: BulkOperationType.Patch, id: '1', resourceBody: { operations: [{ op: 'incr', path: '/n', value: 1 }] } },
        { operationType: BulkOperationType.Read, id: '1' },
        { operationType: BulkOperationType.Delete, id: '1' },
      ],
      'a',
    )
    assert.equal(code, 200)
    assert.deepEqual(result.map((each) => each.statusCode), [201, 200, 200, 200, 204])
    assert.equal(result[3].resourceBody.n, 2)
  })

  test('or nothing', async () => {
    await container.items.create({ id: 'there', pk: 'a' })
    const { result, code } = await container.items.batch(
      [
        { operationType: BulkOperationType.Create, resourceBody: { id: '2', pk: 'a' } },
        { operationType: BulkOperationType.Create, resourceBody: { id: 'there', pk: 'a' } },
      ],
      'a',
    )
    assert.equal(code, 207)
    assert.deepEqual(result.map((each) => each.statusCode), [424, 409])
    assert.equal((await container.item('2', 'a').read()).statusCode, 404)
  })

  test('a batch is held to an ETag', async () => {
    const { resource } = await container.items.create({ id: 'etag', pk: 'a' })
    const replace = { operationType: BulkOperationType.Replace, id: 'etag', resourceBody: { id: 'etag', pk: 'a', n: 1 }, ifMatch: resource._etag }
    assert.deepEqual((await container.items.batch([replace], 'a')).result.map((each) => each.statusCode), [200])
    assert.deepEqual((await container.items.batch([replace], 'a')).result.map((each) => each.statusCode), [412])
  })

  test('bulk operations are of many partitions, and each stands alone', async () => {
    const replies = await container.items.executeBulkOperations([
      ...Array.from({ length: 150 }, (_, n) => ({
        operationType: BulkOperationType.Create,
        partitionKey: `bulk${n % 30}`,
        resourceBody: { id: `b${n}`, pk: `bulk${n % 30}` },
      })),
      { operationType: BulkOperationType.Read, partitionKey: 'bulk0', id: 'none' },
      { operationType: BulkOperationType.Patch, partitionKey: 'a', id: 'there', resourceBody: { operations: [{ op: 'add', path: '/x', value: 1 }] } },
    ])
    const codes = replies.map((each) => each.response?.statusCode ?? each.error.code)
    assert.deepEqual(codes.slice(0, 150), Array(150).fill(201))
    assert.deepEqual(codes.slice(150), [404, 200])
  })

  test('the older bulk call goes on after a failure', async () => {
    const replies = await container.items.bulk([
      { operationType: BulkOperationType.Create, resourceBody: { id: 'x', pk: 'old' } },
      { operationType: BulkOperationType.Create, resourceBody: { id: 'x', pk: 'old' } },
      { operationType: BulkOperationType.Delete, id: 'x', partitionKey: 'old' },
    ])
    assert.deepEqual(replies.map((each) => each.statusCode), [201, 409, 204])
  })
})

describe('queries over four partitions', () => {
  let container
  before(async () => {
    container = await filled()
  })

  const numbers = (...values) => values
  const cases = [
    ['all', 'SELECT VALUE c.n FROM c', (found) => assert.equal(found.length, 60)],
    ['filter', 'SELECT VALUE c.n FROM c WHERE c.n >= 58', [58, 59], 'any order'],
    ['projection', 'SELECT c.id, c.deep.value AS half FROM c WHERE c.n = 7', [{ id: 'i07', half: 3.5 }]],
    ['order', 'SELECT VALUE c.n FROM c ORDER BY c.n DESC', Array.from({ length: 60 }, (_, n) => 59 - n)],
    ['order of two', "SELECT VALUE c.n FROM c WHERE c.n < 6 ORDER BY c.group, c.n DESC", numbers(3, 0, 4, 1, 5, 2)],
    ['order of strings', 'SELECT TOP 2 VALUE c.id FROM c ORDER BY c.id', ['i00', 'i01']],
    ['order where some lack it', 'SELECT VALUE c.n FROM c WHERE c.n < 2 ORDER BY c.score', [0, 1]],
    ['top', 'SELECT TOP 3 VALUE c.n FROM c ORDER BY c.n', [0, 1, 2]],
    ['top alone', 'SELECT TOP 5 VALUE c.n FROM c', (found) => assert.equal(found.length, 5)],
    ['offset and limit', 'SELECT VALUE c.n FROM c ORDER BY c.n OFFSET 10 LIMIT 3', [10, 11, 12]],
    ['offset past the end', 'SELECT VALUE c.n FROM c ORDER BY c.n OFFSET 59 LIMIT 5', [59]],
    ['count', 'SELECT VALUE COUNT(1) FROM c', [60]],
    ['count of what is there', 'SELECT VALUE COUNT(c.score) FROM c', [54]],
    ['sum', 'SELECT VALUE SUM(c.n) FROM c', [1770]],
    ['average', 'SELECT VALUE AVG(c.n) FROM c', [29.5]],
    ['minimum', 'SELECT VALUE MIN(c.n) FROM c', [0]],
    ['maximum', 'SELECT VALUE MAX(c.n) FROM c', [59]],
    ['maximum of strings', 'SELECT VALUE MAX(c.id) FROM c', ['i59']],
    ['maximum that some partitions lack', 'SELECT VALUE MAX(c.n) FROM c WHERE c.n = 5', [5]],
    ['minimum that some partitions lack', 'SELECT VALUE MIN(c.n) FROM c WHERE c.n = 5', [5]],
    ['aggregates with names', 'SELECT COUNT(1) AS n, MIN(c.n) AS least, MAX(c.n) AS most, AVG(c.n) AS mean, SUM(c.n) AS total FROM c', [{ n: 60, least: 0, most: 59, mean: 29.5, total: 1770 }]],
    ['distinct', 'SELECT DISTINCT VALUE c.group FROM c', ['a', 'b', 'c'], 'any order'],
    ['distinct in order', 'SELECT DISTINCT VALUE c.group FROM c ORDER BY c.group', ['a', 'b', 'c']],
    ['distinct objects', 'SELECT DISTINCT c.group FROM c', (found) => assert.equal(found.length, 3)],
    ['groups', 'SELECT c.group, COUNT(1) AS n FROM c GROUP BY c.group', [{ group: 'a', n: 20 }, { group: 'b', n: 20 }, { group: 'c', n: 20 }], 'any order'],
    ['groups with extremes', 'SELECT c.group, MIN(c.n) AS least, MAX(c.n) AS most, AVG(c.n) AS mean FROM c GROUP BY c.group', [{ group: 'a', least: 0, most: 57, mean: 28.5 }, { group: 'b', least: 1, most: 58, mean: 29.5 }, { group: 'c', least: 2, most: 59, mean: 30.5 }], 'any order'],
    ['groups of two', "SELECT c.group, c.pk, SUM(c.n) AS total FROM c WHERE c.pk IN ('p0', 'p1') GROUP BY c.group, c.pk", [{ group: 'a', pk: 'p0', total: 120 }, { group: 'b', pk: 'p1', total: 125 }], 'any order'],
    ['groups of values', 'SELECT VALUE c.group FROM c GROUP BY c.group', ['a', 'b', 'c'], 'any order'],
    ['one aggregate for each group', 'SELECT VALUE COUNT(1) FROM c GROUP BY c.group', [20, 20, 20]],
    ['join', "SELECT VALUE c.n FROM c JOIN t IN c.tags WHERE t = 't3' AND c.n < 8", [3, 7], 'any order'],
    ['array', "SELECT VALUE c.n FROM c WHERE ARRAY_CONTAINS(c.tags, 'u4') AND c.n < 10", [4, 9], 'any order'],
    ['exists', "SELECT VALUE c.n FROM c WHERE EXISTS(SELECT VALUE t FROM t IN c.tags WHERE t = 'u0') AND c.n < 6", [0, 5], 'any order'],
    ['string functions', "SELECT VALUE UPPER(c.id) FROM c WHERE STARTSWITH(c.id, 'i0') AND ENDSWITH(c.id, '4')", ['I04']],
    ['like', "SELECT VALUE c.n FROM c WHERE c.id LIKE '%i5_' AND c.n > 57", [58, 59], 'any order'],
    ['between', 'SELECT VALUE c.n FROM c WHERE c.n BETWEEN 3 AND 4', [3, 4], 'any order'],
    ['undefined', 'SELECT VALUE c.n FROM c WHERE NOT IS_DEFINED(c.score) AND c.n > 40', [50]],
    ['conditional', "SELECT VALUE (c.n > 1 ? 'many' : 'few') FROM c WHERE c.n IN (1, 2)", ['few', 'many'], 'any order'],
    ['nothing', 'SELECT * FROM c WHERE c.n < 0', []],
    ['count of nothing', 'SELECT VALUE COUNT(1) FROM c WHERE c.n < 0', [0]],
  ]
  for (const [name, query, expected, order] of cases) {
    test(name, async () => {
      const found = await rows(container, query)
      if (typeof expected === 'function') return expected(found)
      const sorted = (values) => (order ? values.map((each) => JSON.stringify(each)).sort() : values)
      assert.deepEqual(sorted(found), sorted(expected))
    })
  }

  test('parameters', async () => {
    const query = { query: 'SELECT VALUE c.n FROM c WHERE c.group = @g AND c.n < @n ORDER BY c.n', parameters: [{ name: '@g', value: 'b' }, { name: '@n', value: 8 }] }
    assert.deepEqual(await rows(container, query), [1, 4, 7])
  })

  test('one partition', async () => {
    const found = await rows(container, 'SELECT VALUE c.n FROM c ORDER BY c.n', { partitionKey: 'p5' })
    assert.deepEqual(found, [5, 17, 29, 41, 53])
  })

  test('pages are no longer than asked for', async () => {
    const iterator = container.items.query('SELECT VALUE c.n FROM c ORDER BY c.n', { maxItemCount: 7 })
    const found = []
    while (iterator.hasMoreResults()) {
      const { resources } = await iterator.fetchNext()
      assert.ok((resources ?? []).length <= 7)
      found.push(...(resources ?? []))
    }
    assert.deepEqual(found, Array.from({ length: 60 }, (_, n) => n))
  })

  for (const [name, query, expected] of [
    ['in one order', 'SELECT VALUE c.n FROM c ORDER BY c.n', Array.from({ length: 60 }, (_, n) => n)],
    ['backwards', 'SELECT VALUE c.n FROM c ORDER BY c.n DESC', Array.from({ length: 60 }, (_, n) => 59 - n)],
    ['among equals', 'SELECT VALUE c.id FROM c ORDER BY c.group', undefined],
    ['among equals, backwards', 'SELECT VALUE c.id FROM c ORDER BY c.group DESC', undefined],
    ['without an order', 'SELECT VALUE c.id FROM c', undefined],
  ]) {
    test(`a new client goes on from a continuation ${name}`, async () => {
      const found = []
      let continuationToken
      do {
        const iterator = container.items.query(query, { maxItemCount: 11, enableQueryControl: true, continuationToken })
        const reply = await iterator.fetchNext()
        found.push(...(reply.resources ?? []))
        continuationToken = reply.continuationToken
      } while (continuationToken)
      if (expected) assert.deepEqual(found, expected)
      else assert.deepEqual([...new Set(found)].length, found.length === 60 ? 60 : -1)
    })
  }

  test('a continuation of one partition goes on', async () => {
    const first = await container.items.query('SELECT VALUE c.n FROM c', { partitionKey: 'p5', maxItemCount: 2 }).fetchNext()
    const rest = container.items.query('SELECT VALUE c.n FROM c', { partitionKey: 'p5', continuationToken: first.continuationToken })
    assert.deepEqual([...first.resources, ...(await rest.fetchAll()).resources].sort((a, b) => a - b), [5, 17, 29, 41, 53])
  })

  test('a query says what it costs and what it read', async () => {
    const reply = await container.items.query('SELECT * FROM c', { partitionKey: 'p5', populateQueryMetrics: true }).fetchAll()
    assert.ok(reply.requestCharge > 2)
  })

  test('index metrics are given', async () => {
    const reply = await container.items.query("SELECT * FROM c WHERE c.group = 'a'", { partitionKey: 'p5', populateIndexMetrics: true }).fetchNext()
    assert.ok(reply.indexMetrics)
  })

  test('a wrong query is a bad request', () => refusal(rows(container, 'SELECT * FORM c'), 400))
  test('an order without its composite index is a bad request', () => refusal(rows(container, 'SELECT * FROM c ORDER BY c.n, c.pk'), 400))
})

describe('hierarchical keys', () => {
  let container
  before(async () => {
    container = await newContainer({ partitionKey: { paths: ['/tenant', '/user'], kind: 'MultiHash', version: 2 } })
    for (const tenant of 'AB') for (const user of 'xyz') await container.items.create({ id: tenant + user, tenant, user })
  })

  test('a whole key names an item', async () => {
    assert.equal((await container.item('Ax', ['A', 'x']).read()).resource.user, 'x')
  })

  test('a built key does too', async () => {
    const built = new PartitionKeyBuilder().addValue('B').addValue('y').build()
    assert.equal((await container.item('By', built).read()).statusCode, 200)
  })

  test('a prefix names all below it', async () => {
    const found = await rows(container, 'SELECT VALUE c.id FROM c', { partitionKey: ['A'] })
    assert.deepEqual(found.sort(), ['Ax', 'Ay', 'Az'])
  })

  test('a whole key in a query', async () => {
    assert.deepEqual(await rows(container, 'SELECT VALUE c.id FROM c', { partitionKey: ['B', 'z'] }), ['Bz'])
  })
})

describe('the change feed', () => {
  async function changes(container, options) {
    const found = []
    const iterator = container.items.getChangeFeedIterator(options)
    while (true) {
      const reply = await iterator.readNext()
      if (reply.statusCode === 304) return { found, token: reply.continuationToken }
      found.push(...reply.result.map((each) => each.id))
    }
  }

  test('from the beginning, over all partitions', async () => {
    const container = await filled()
    const { found } = await changes(container, { changeFeedStartFrom: ChangeFeedStartFrom.Beginning() })
    assert.equal(new Set(found).size, 60)
  })

  test('of one partition', async () => {
    const container = await filled()
    const { found } = await changes(container, { changeFeedStartFrom: ChangeFeedStartFrom.Beginning('p5') })
    assert.deepEqual(found.sort(), ['i05', 'i17', 'i29', 'i41', 'i53'])
  })

  test('of each feed range, which together are all', async () => {
    const container = await filled()
    const found = []
    for (const range of await container.getFeedRanges()) {
      found.push(...(await changes(container, { changeFeedStartFrom: ChangeFeedStartFrom.Beginning(range) })).found)
    }
    assert.equal(new Set(found).size, 60)
    assert.equal(found.length, 60)
  })

  test('from now, only what comes later', async () => {
    const container = await filled()
    const { found, token } = await changes(container, { changeFeedStartFrom: ChangeFeedStartFrom.Now() })
    assert.deepEqual(found, [])
    await container.items.create({ id: 'later', pk: 'p1' })
    const after = await changes(container, { changeFeedStartFrom: ChangeFeedStartFrom.Continuation(token) })
    assert.deepEqual(after.found, ['later'])
  })

  test('a changed item comes once, at its latest', async () => {
    const container = await newContainer()
    for (const n of [1, 2, 3]) await container.items.upsert({ id: 'x', pk: 'a', n })
    const { found } = await changes(container, { changeFeedStartFrom: ChangeFeedStartFrom.Beginning() })
    assert.deepEqual(found, ['x'])
  })
})

describe('a partition that splits while a client runs', () => {
  async function split(container, range = '0') {
    return admin('POST', 'splits', { database: 'javascript', container: container.id, range })
  }

  test('items are read and written as before', async () => {
    const container = await filled()
    await split(container)
    assert.equal((await container.item('i05', 'p5').read()).statusCode, 200)
    assert.equal((await container.items.create({ id: 'new', pk: 'p5' })).statusCode, 201)
  })

  // Without ORDER BY: with it, the client asks the range that is gone again and again, without end.
  const everything = 'SELECT VALUE c.n FROM c'
  const inOrder = (found) => found.sort((a, b) => a - b)

  test('a query over all partitions finds everything', async () => {
    const container = await filled()
    await rows(container, everything)
    await split(container)
    assert.deepEqual(inOrder(await rows(container, everything)), Array.from({ length: 60 }, (_, n) => n))
  })

  test('a query that is under way goes on', async () => {
    const container = await filled()
    const iterator = container.items.query(everything, { maxItemCount: 5 })
    const found = [...(await iterator.fetchNext()).resources]
    await split(container)
    while (iterator.hasMoreResults()) found.push(...((await iterator.fetchNext()).resources ?? []))
    assert.deepEqual(inOrder(found), Array.from({ length: 60 }, (_, n) => n))
  })

  test('bulk operations find the new partitions', async () => {
    const container = await filled()
    await split(container)
    const operations = Array.from({ length: 20 }, (_, n) => ({
      operationType: BulkOperationType.Upsert,
      partitionKey: `p${n % 12}`,
      resourceBody: { id: `s${n}`, pk: `p${n % 12}` },
    }))
    const replies = await container.items.executeBulkOperations(operations)
    assert.deepEqual(replies.map((each) => each.response?.statusCode ?? each.error), Array(20).fill(201))
  })
})

describe('expiry', () => {
  test('an item with a time to live goes away', async () => {
    const container = await newContainer({ defaultTtl: -1 })
    await container.items.create({ id: 'short', pk: 'a', ttl: 1 })
    await container.items.create({ id: 'long', pk: 'a' })
    const deadline = Date.now() + 10_000
    while ((await container.item('short', 'a').read()).statusCode !== 404) assert.ok(Date.now() < deadline)
    assert.deepEqual(await rows(container, 'SELECT VALUE c.id FROM c'), ['long'])
  })

  test('a time to live of zero is refused', async () => {
    const container = await newContainer({ defaultTtl: -1 })
    await refusal(container.items.create({ id: 'x', pk: 'a', ttl: 0 }), 400)
  })

  test('a unique key is unique in its partition', async () => {
    const container = await newContainer({ uniqueKeyPolicy: { uniqueKeys: [{ paths: ['/name'] }] } })
    await container.items.create({ id: '1', pk: 'a', name: 'x' })
    await refusal(container.items.create({ id: '2', pk: 'a', name: 'x' }), 409)
    assert.equal((await container.items.create({ id: '2', pk: 'b', name: 'x' })).statusCode, 201)
  })
})
