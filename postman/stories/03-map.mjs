import { admin, bare, refused, rep, story } from '../story.mjs';

export default story('The map', {
  description: 'Makes a small part of a map of its own, which the folders after it use.',
  as: admin,
}, [
  {
    name: 'A region',
    op: 'createRegion',
    body: { name: 'North {{run}}', nameBn: 'উত্তর' },
    test() {
      const body = pm.response.json();
      pm.test('201, and where it is', () => {
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
    name: 'Another region',
    op: 'createRegion',
    body: { name: 'South {{run}}' },
    test() {
      const body = pm.response.json();
      pm.test('201, and where it is', () => {
        pm.response.to.have.status(201);
        pm.expect(pm.response.headers.get('Location')).to.eql(`/admin/regions/${body.id}`);
        pm.expect(pm.response.headers.get('ETag')).to.match(/^"1/);
        pm.expect(body.nameBn).to.eql(null);
      });
      pm.collectionVariables.set('otherRegion', body.id);
    },
  },
  {
    name: 'A region on trial',
    op: 'createRegion',
    query: { validateOnly: 'true' },
    body: { name: 'West {{run}}' },
    test() {
      const body = pm.response.json();
      pm.test('200, as it would be, without an id', () => {
        pm.response.to.have.status(200);
        pm.expect(body.id).to.eql(null);
        pm.expect(body.name).to.eql(`West ${pm.collectionVariables.get('run')}`);
      });
    },
  },
  {
    name: 'It was not made',
    op: 'listRegions',
    query: { q: 'West%20{{run}}' },
    test() {
      pm.test('200, none', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().data).to.eql([]);
      });
    },
  },
  {
    name: 'An area in the region',
    op: 'createArea',
    body: { name: 'Sadar {{run}}', region: bare('region') },
    test() {
      const body = pm.response.json();
      pm.test('201, and where it is', () => {
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
    name: 'Its name again, in the other region',
    op: 'createArea',
    body: { name: 'Sadar {{run}}', region: bare('otherRegion') },
    test() {
      const body = pm.response.json();
      pm.test('201, and where it is', () => {
        pm.response.to.have.status(201);
        pm.expect(pm.response.headers.get('Location')).to.eql(`/admin/areas/${body.id}`);
        pm.expect(pm.response.headers.get('ETag')).to.match(/^"1/);
        pm.expect(body.region.id).to.eql(Number(pm.collectionVariables.get('otherRegion')));
      });
      pm.collectionVariables.set('otherArea', body.id);
    },
  },
  {
    name: 'Its name again, in the same region',
    op: 'createArea',
    body: { name: 'Sadar {{run}}', region: bare('region') },
    test() {
      pm.test('409 already-exists', () => {
        pm.response.to.have.status(409);
        pm.expect(pm.response.json().code).to.eql('already-exists');
        pm.expect(pm.response.json().errors[0]).to.include({ field: 'name', code: 'taken' });
      });
    },
  },
  {
    name: 'A territory in the area',
    op: 'createTerritory',
    body: { name: 'Bazar {{run}}', nameBn: 'বাজার', area: bare('area') },
    test() {
      const body = pm.response.json();
      pm.test('201, and where it is', () => {
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
    name: 'A distributor',
    op: 'createDistributor',
    body: { name: 'Traders {{run}}' },
    test() {
      const body = pm.response.json();
      pm.test('201, and where it is', () => {
        pm.response.to.have.status(201);
        pm.expect(pm.response.headers.get('Location')).to.eql(`/admin/distributors/${body.id}`);
        pm.expect(pm.response.headers.get('ETag')).to.match(/^"1/);
        pm.expect(body).to.have.all.keys('id', 'name', 'nameBn', 'version');
      });
      pm.collectionVariables.set('distributor', body.id);
    },
  },
  {
    name: 'A shop in the territory',
    op: 'createRetailer',
    body: { uid: 'PM-{{run}}-0', name: 'Moving Store', territory: bare('territory') },
    test() {
      const body = pm.response.json();
      pm.test('201, and where it is', () => {
        pm.response.to.have.status(201);
        pm.expect(pm.response.headers.get('Location')).to.eql(`/admin/retailers/${body.uid}`);
        pm.expect(pm.response.headers.get('ETag')).to.match(/^"1/);
        pm.expect([body.region.id, body.area.id, body.territory.id]).to.eql(['region', 'area', 'territory'].map((name) => Number(pm.collectionVariables.get(name))));
      });
    },
  },
  {
    name: 'Delete the area, which is in use',
    op: 'deleteArea',
    path: { id: '{{area}}' },
    test() {
      pm.test('409 in-use', () => {
        pm.response.to.have.status(409);
        pm.expect(pm.response.json().code).to.eql('in-use');
        pm.expect(pm.response.json().uses).to.eql({ territories: 1, retailers: 1, deletedRetailers: 0 });
      });
    },
  },
  {
    name: 'Delete the distributor, which is not',
    op: 'deleteDistributor',
    path: { id: '{{distributor}}' },
    query: { validateOnly: 'true' },
    test() {
      pm.test('204, on trial', () => {
        pm.response.to.have.status(204);
      });
    },
  },
  {
    name: 'Move the area to where its name is taken',
    op: 'updateArea',
    path: { id: '{{area}}' },
    body: { region: bare('otherRegion') },
    test: refused(409, 'already-exists'),
  },
  {
    name: 'Move it under another name',
    op: 'updateArea',
    path: { id: '{{area}}' },
    body: { region: bare('otherRegion'), name: 'Sadar East {{run}}' },
    headers: { 'If-Match': '"1"' },
    test() {
      const body = pm.response.json();
      pm.test('200, in the other region', () => {
        pm.response.to.have.status(200);
        pm.expect(body.region.id).to.eql(Number(pm.collectionVariables.get('otherRegion')));
        pm.expect(body.version).to.eql(2);
      });
    },
  },
  {
    name: 'Move it as it was before',
    op: 'updateArea',
    path: { id: '{{area}}' },
    body: { region: bare('region') },
    headers: { 'If-Match': '"1"' },
    test: refused(412, 'precondition-failed'),
  },
  {
    name: 'The shop has moved with it',
    op: 'getPoolRetailer',
    path: { uid: 'PM-{{run}}-0' },
    test() {
      const body = pm.response.json();
      pm.test('200, in the other region, as another version', () => {
        pm.response.to.have.status(200);
        pm.expect(body.region).to.eql({ id: Number(pm.collectionVariables.get('otherRegion')), name: `South ${pm.collectionVariables.get('run')}` });
        pm.expect(body.area.name).to.eql(`Sadar East ${pm.collectionVariables.get('run')}`);
        pm.expect(body.version).to.be.above(1);
      });
    },
  },
  {
    name: 'An older spelling of the area',
    op: 'createPlaceAlias',
    body: { kind: 'area', place: bare('area'), alias: 'Old Sadar {{run}}' },
    test() {
      const body = pm.response.json();
      pm.test('201, of the area', () => {
        pm.response.to.have.status(201);
        pm.expect(pm.response.headers.get('Location')).to.eql(`/admin/place-aliases/${body.id}`);
        pm.expect(body.place.id).to.eql(Number(pm.collectionVariables.get('area')));
      });
      pm.collectionVariables.set('alias', body.id);
    },
  },
  {
    name: 'The same spelling again',
    op: 'createPlaceAlias',
    body: { kind: 'area', place: bare('area'), alias: 'Old Sadar {{run}}' },
    test() {
      pm.test('409 already-exists', () => {
        pm.response.to.have.status(409);
        pm.expect(pm.response.json().code).to.eql('already-exists');
        pm.expect(pm.response.json().errors[0]).to.include({ field: 'alias', code: 'same' });
      });
    },
  },
  {
    name: 'The shop is found by the older spelling',
    op: 'listPool',
    query: { area: 'Old%20Sadar%20{{run}}' },
    test() {
      pm.test('200, it alone', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().data.map((shop) => shop.uid)).to.eql([`PM-${pm.collectionVariables.get('run')}-0`]);
      });
    },
  },
  {
    name: 'Spellings of the area',
    op: 'listPlaceAliases',
    query: { kind: 'area', place: '{{area}}' },
    test() {
      pm.test('200, the one', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().data.map((alias) => alias.id)).to.eql([Number(pm.collectionVariables.get('alias'))]);
      });
    },
  },
  {
    name: 'Delete the spelling',
    op: 'deletePlaceAlias',
    path: { id: '{{alias}}' },
    test() {
      pm.test('204', () => {
        pm.response.to.have.status(204);
      });
    },
  },
  {
    name: 'Nothing is called so any more',
    op: 'listPool',
    query: { area: 'Old%20Sadar%20{{run}}' },
    test() {
      pm.test('200, no shop', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().data).to.eql([]);
      });
    },
  },
  {
    name: 'Replace the region',
    op: 'replaceRegion',
    path: { id: '{{region}}' },
    body: { name: 'North {{run}}' },
    test() {
      const body = pm.response.json();
      pm.test('200, what was not sent is gone', () => {
        pm.response.to.have.status(200);
        pm.expect(body.nameBn).to.eql(null);
        pm.expect(body.version).to.eql(2);
      });
    },
  },
  {
    name: 'Regions, to choose from',
    op: 'pickRegions',
    query: { q: '{{run}}' },
    as: rep,
    test() {
      const body = pm.response.json();
      pm.test('200, in order of name, without versions', () => {
        pm.response.to.have.status(200);
        pm.expect(body.data.map((place) => place.name)).to.eql([`North ${pm.collectionVariables.get('run')}`, `South ${pm.collectionVariables.get('run')}`]);
        body.data.forEach((place) => pm.expect(place).to.have.all.keys('id', 'name', 'nameBn'));
      });
    },
  },
  {
    name: 'Areas of a region, to choose from',
    op: 'pickAreas',
    query: { region: '{{otherRegion}}' },
    as: rep,
    test() {
      const body = pm.response.json();
      pm.test('200, both', () => {
        pm.response.to.have.status(200);
        pm.expect(body.data.map((place) => place.id)).to.have.members(['area', 'otherArea'].map((name) => Number(pm.collectionVariables.get(name))));
      });
    },
  },
  {
    name: 'Territories of an area, to choose from',
    op: 'pickTerritories',
    query: { area: '{{area}}' },
    as: rep,
    test() {
      const body = pm.response.json();
      pm.test('200, the one, where it lies now', () => {
        pm.response.to.have.status(200);
        pm.expect(body.data).to.have.lengthOf(1);
        pm.expect(body.data[0].region.id).to.eql(Number(pm.collectionVariables.get('otherRegion')));
      });
    },
  },
  {
    name: 'Distributors, to choose from',
    op: 'pickDistributors',
    query: { q: '{{run}}' },
    as: rep,
    test() {
      const body = pm.response.json();
      pm.test('200, the one', () => {
        pm.response.to.have.status(200);
        pm.expect(body.data.map((place) => place.id)).to.eql([Number(pm.collectionVariables.get('distributor'))]);
      });
    },
  },
  {
    name: 'A representative does not keep the map',
    op: 'createRegion',
    as: rep,
    body: { name: 'East {{run}}' },
    test: refused(403, 'forbidden'),
  },
  {
    name: 'Delete the area that holds nothing',
    op: 'deleteArea',
    path: { id: '{{otherArea}}' },
    test() {
      pm.test('204', () => {
        pm.response.to.have.status(204);
      });
    },
  },
  {
    name: 'It is gone',
    op: 'getArea',
    path: { id: '{{otherArea}}' },
    test: refused(404, 'not-found'),
  },
]);
