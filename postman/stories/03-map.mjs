import { admin, expectProblem, rep, story, unquoted } from '../story.mjs';

export default story('The map', {
  description: 'Creates regions, areas, a territory and a distributor. Later folders use them.',
  as: admin,
}, [
  {
    name: 'Create a region',
    op: 'createRegion',
    body: { name: 'North {{run}}', nameBn: 'উত্তর' },
    test() {
      const body = pm.response.json();
      pm.test('201 with Location and ETag', () => {
        pm.response.to.have.status(201);
        pm.expect(pm.response.headers.get('Location')).to.eql(`/admin/regions/${body.id}`);
        pm.expect(pm.response.headers.get('ETag')).to.match(/^"1/);
        pm.expect(body).to.have.all.keys('id', 'name', 'nameBn', 'version');
        pm.expect(body).to.include({ nameBn: 'উত্তর', version: 1 });
        pm.expect(body.name).to.eql(`North ${pm.collectionVariables.get('run')}`);
      });
      pm.collectionVariables.set('region', body.id);
    },
  },
  {
    name: 'Create a second region',
    op: 'createRegion',
    body: { name: 'South {{run}}' },
    test() {
      const body = pm.response.json();
      pm.test('201 with Location and ETag', () => {
        pm.response.to.have.status(201);
        pm.expect(pm.response.headers.get('Location')).to.eql(`/admin/regions/${body.id}`);
        pm.expect(pm.response.headers.get('ETag')).to.match(/^"1/);
        pm.expect(body.nameBn).to.eql(null);
      });
      pm.collectionVariables.set('otherRegion', body.id);
    },
  },
  {
    name: 'Validate a new region without saving it',
    op: 'createRegion',
    query: { validateOnly: 'true' },
    body: { name: 'West {{run}}' },
    test() {
      const body = pm.response.json();
      pm.test('200 with the validated region and a null id', () => {
        pm.response.to.have.status(200);
        pm.expect(body.id).to.eql(null);
        pm.expect(body.name).to.eql(`West ${pm.collectionVariables.get('run')}`);
      });
    },
  },
  {
    name: 'Check that the region was not created',
    op: 'adminListRegions',
    query: { q: 'West%20{{run}}' },
    test() {
      pm.test('200 with an empty list', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().data).to.eql([]);
      });
    },
  },
  {
    name: 'Create an area',
    op: 'createArea',
    body: { name: 'Sadar {{run}}', region: unquoted('region') },
    test() {
      const body = pm.response.json();
      pm.test('201 with Location and ETag', () => {
        pm.response.to.have.status(201);
        pm.expect(pm.response.headers.get('Location')).to.eql(`/admin/areas/${body.id}`);
        pm.expect(pm.response.headers.get('ETag')).to.match(/^"1/);
        pm.expect(body).to.have.all.keys('id', 'name', 'nameBn', 'region', 'version');
        pm.expect(body.region).to.eql({ id: Number(pm.collectionVariables.get('region')), name: `North ${pm.collectionVariables.get('run')}` });
      });
      pm.collectionVariables.set('area', body.id);
    },
  },
  {
    name: 'Create an area with the same name in the other region',
    op: 'createArea',
    body: { name: 'Sadar {{run}}', region: unquoted('otherRegion') },
    test() {
      const body = pm.response.json();
      pm.test('201 with Location and ETag', () => {
        pm.response.to.have.status(201);
        pm.expect(pm.response.headers.get('Location')).to.eql(`/admin/areas/${body.id}`);
        pm.expect(pm.response.headers.get('ETag')).to.match(/^"1/);
        pm.expect(body.region.id).to.eql(Number(pm.collectionVariables.get('otherRegion')));
      });
      pm.collectionVariables.set('otherArea', body.id);
    },
  },
  {
    name: 'Create an area with a name taken in its region',
    op: 'createArea',
    body: { name: 'Sadar {{run}}', region: unquoted('region') },
    test() {
      pm.test('409 already-exists', () => {
        pm.response.to.have.status(409);
        pm.expect(pm.response.json().code).to.eql('already-exists');
        pm.expect(pm.response.json().errors[0]).to.include({ field: 'name', code: 'taken' });
      });
    },
  },
  {
    name: 'Create a territory',
    op: 'createTerritory',
    body: { name: 'Bazar {{run}}', nameBn: 'বাজার', area: unquoted('area') },
    test() {
      const body = pm.response.json();
      pm.test('201 with Location and ETag', () => {
        pm.response.to.have.status(201);
        pm.expect(pm.response.headers.get('Location')).to.eql(`/admin/territories/${body.id}`);
        pm.expect(pm.response.headers.get('ETag')).to.match(/^"1/);
        pm.expect(body).to.have.all.keys('id', 'name', 'nameBn', 'area', 'region', 'version');
        pm.expect(body.area.id).to.eql(Number(pm.collectionVariables.get('area')));
        pm.expect(body.region.id).to.eql(Number(pm.collectionVariables.get('region')));
      });
      pm.collectionVariables.set('territory', body.id);
    },
  },
  {
    name: 'Create a distributor',
    op: 'createDistributor',
    body: { name: 'Traders {{run}}' },
    test() {
      const body = pm.response.json();
      pm.test('201 with Location and ETag', () => {
        pm.response.to.have.status(201);
        pm.expect(pm.response.headers.get('Location')).to.eql(`/admin/distributors/${body.id}`);
        pm.expect(pm.response.headers.get('ETag')).to.match(/^"1/);
        pm.expect(body).to.have.all.keys('id', 'name', 'nameBn', 'version');
      });
      pm.collectionVariables.set('distributor', body.id);
    },
  },
  {
    name: 'Create a retailer in the territory',
    op: 'createRetailer',
    body: { uid: 'PM-{{run}}-0', name: 'Moving Store', territory: unquoted('territory') },
    test() {
      const body = pm.response.json();
      pm.test('201 with Location and ETag', () => {
        pm.response.to.have.status(201);
        pm.expect(pm.response.headers.get('Location')).to.eql(`/admin/retailers/${body.uid}`);
        pm.expect(pm.response.headers.get('ETag')).to.match(/^"1/);
        pm.expect([body.region.id, body.area.id, body.territory.id]).to.eql(['region', 'area', 'territory'].map((name) => Number(pm.collectionVariables.get(name))));
      });
    },
  },
  {
    name: 'Delete an area in use',
    op: 'deleteArea',
    path: { id: '{{area}}' },
    test() {
      pm.test('409 in-use', () => {
        pm.response.to.have.status(409);
        pm.expect(pm.response.json().code).to.eql('in-use');
        pm.expect(pm.response.json().references).to.eql({
          territories: 1, teams: 0, roles: 0, retailers: 1, deletedRetailers: 0,
        });
      });
    },
  },
  {
    name: 'Validate the deletion of an unused distributor',
    op: 'deleteDistributor',
    path: { id: '{{distributor}}' },
    query: { validateOnly: 'true' },
    test() {
      pm.test('204', () => {
        pm.response.to.have.status(204);
      });
    },
  },
  {
    name: 'Move the area to a region where its name is taken',
    op: 'updateArea',
    path: { id: '{{area}}' },
    body: { region: unquoted('otherRegion') },
    test: expectProblem(409, 'already-exists'),
  },
  {
    name: 'Move and rename the area',
    op: 'updateArea',
    path: { id: '{{area}}' },
    body: { region: unquoted('otherRegion'), name: 'Sadar East {{run}}' },
    headers: { 'If-Match': '"1"' },
    test() {
      const body = pm.response.json();
      pm.test('200 with the new region', () => {
        pm.response.to.have.status(200);
        pm.expect(body.region.id).to.eql(Number(pm.collectionVariables.get('otherRegion')));
        pm.expect(body.version).to.eql(2);
      });
    },
  },
  {
    name: 'Move the area with a stale If-Match',
    op: 'updateArea',
    path: { id: '{{area}}' },
    body: { region: unquoted('region') },
    headers: { 'If-Match': '"1"' },
    test: expectProblem(412, 'precondition-failed'),
  },
  {
    name: 'Check that the retailer moved with its area',
    op: 'adminGetRetailer',
    path: { uid: 'PM-{{run}}-0' },
    test() {
      const body = pm.response.json();
      pm.test('200 with the new region and a new version', () => {
        pm.response.to.have.status(200);
        pm.expect(body.region).to.eql({ id: Number(pm.collectionVariables.get('otherRegion')), name: `South ${pm.collectionVariables.get('run')}` });
        pm.expect(body.area.name).to.eql(`Sadar East ${pm.collectionVariables.get('run')}`);
        pm.expect(body.version).to.be.above(1);
      });
    },
  },
  {
    name: 'Create an alias for the area',
    op: 'createPlaceAlias',
    body: { kind: 'area', place: unquoted('area'), alias: 'Old Sadar {{run}}' },
    test() {
      const body = pm.response.json();
      pm.test('201 with the area', () => {
        pm.response.to.have.status(201);
        pm.expect(pm.response.headers.get('Location')).to.eql(`/admin/place-aliases/${body.id}`);
        pm.expect(body.place.id).to.eql(Number(pm.collectionVariables.get('area')));
      });
      pm.collectionVariables.set('alias', body.id);
    },
  },
  {
    name: 'Create the same alias again',
    op: 'createPlaceAlias',
    body: { kind: 'area', place: unquoted('area'), alias: 'Old Sadar {{run}}' },
    test() {
      pm.test('409 already-exists', () => {
        pm.response.to.have.status(409);
        pm.expect(pm.response.json().code).to.eql('already-exists');
        pm.expect(pm.response.json().errors[0]).to.include({ field: 'alias', code: 'same-as-current' });
      });
    },
  },
  {
    name: 'Find the retailer by the alias of its area',
    op: 'adminListRetailers',
    query: { area: 'Old%20Sadar%20{{run}}' },
    test() {
      pm.test('200 with only that retailer', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().data.map((retailer) => retailer.uid)).to.eql([`PM-${pm.collectionVariables.get('run')}-0`]);
      });
    },
  },
  {
    name: 'List the aliases of the area',
    op: 'listPlaceAliases',
    query: { kind: 'area', place: '{{area}}' },
    test() {
      pm.test('200 with only that entry', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().data.map((alias) => alias.id)).to.eql([Number(pm.collectionVariables.get('alias'))]);
      });
    },
  },
  {
    name: 'Delete the alias',
    op: 'deletePlaceAlias',
    path: { id: '{{alias}}' },
    test() {
      pm.test('204', () => {
        pm.response.to.have.status(204);
      });
    },
  },
  {
    name: 'Search by the deleted alias',
    op: 'adminListRetailers',
    query: { area: 'Old%20Sadar%20{{run}}' },
    test() {
      pm.test('200 with an empty list', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().data).to.eql([]);
      });
    },
  },
  {
    name: 'Replace a region and omit the Bangla name',
    op: 'replaceRegion',
    path: { id: '{{region}}' },
    body: { name: 'North {{run}}' },
    test() {
      const body = pm.response.json();
      pm.test('200 with the omitted field cleared', () => {
        pm.response.to.have.status(200);
        pm.expect(body.nameBn).to.eql(null);
        pm.expect(body.version).to.eql(2);
      });
    },
  },
  {
    name: 'List regions as a sales rep',
    op: 'listRegions',
    query: { q: '{{run}}' },
    as: rep,
    test() {
      const body = pm.response.json();
      pm.test('200, sorted by name, without versions', () => {
        pm.response.to.have.status(200);
        pm.expect(body.data.map((place) => place.name)).to.eql([`North ${pm.collectionVariables.get('run')}`, `South ${pm.collectionVariables.get('run')}`]);
        body.data.forEach((place) => pm.expect(place).to.have.all.keys('id', 'name', 'nameBn'));
      });
    },
  },
  {
    name: 'List the areas of a region as a sales rep',
    op: 'listAreas',
    query: { region: '{{otherRegion}}' },
    as: rep,
    test() {
      const body = pm.response.json();
      pm.test('200 with both areas', () => {
        pm.response.to.have.status(200);
        pm.expect(body.data.map((place) => place.id)).to.have.members(['area', 'otherArea'].map((name) => Number(pm.collectionVariables.get(name))));
      });
    },
  },
  {
    name: 'List the territories of an area as a sales rep',
    op: 'listTerritories',
    query: { area: '{{area}}' },
    as: rep,
    test() {
      const body = pm.response.json();
      pm.test('200 with the territory and its new region', () => {
        pm.response.to.have.status(200);
        pm.expect(body.data).to.have.lengthOf(1);
        pm.expect(body.data[0].region.id).to.eql(Number(pm.collectionVariables.get('otherRegion')));
      });
    },
  },
  {
    name: 'List distributors as a sales rep',
    op: 'listDistributors',
    query: { q: '{{run}}' },
    as: rep,
    test() {
      const body = pm.response.json();
      pm.test('200 with only that entry', () => {
        pm.response.to.have.status(200);
        pm.expect(body.data.map((place) => place.id)).to.eql([Number(pm.collectionVariables.get('distributor'))]);
      });
    },
  },
  {
    name: 'Create a region as a sales rep',
    op: 'createRegion',
    as: rep,
    body: { name: 'East {{run}}' },
    test: expectProblem(403, 'forbidden'),
  },
  {
    name: 'Delete an empty area',
    op: 'deleteArea',
    path: { id: '{{otherArea}}' },
    test() {
      pm.test('204', () => {
        pm.response.to.have.status(204);
      });
    },
  },
  {
    name: 'Get the deleted area',
    op: 'getArea',
    path: { id: '{{otherArea}}' },
    test: expectProblem(404, 'not-found'),
  },
]);
