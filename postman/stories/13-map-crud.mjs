import { admin, expectStatus, story, unquoted } from '../story.mjs';

export default story('Map CRUD', {
  description: 'Every operation on regions, areas, territories and distributors.',
  as: admin,
}, [
  {
    name: 'Create the region',
    op: 'createRegion',
    body: { name: 'North each {{run}}' },
    test() {
      const body = pm.response.json();
      pm.test('201 with version 1', () => {
        pm.response.to.have.status(201);
        pm.expect(body.version).to.eql(1);
      });
      pm.collectionVariables.set('eachRegion', body.id);
    },
  },
  {
    name: 'Get the region',
    op: 'getRegion',
    path: { id: '{{eachRegion}}' },
    test() {
      pm.test('200 with the requested id', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().id).to.eql(Number(pm.collectionVariables.get('eachRegion')));
      });
    },
  },
  {
    name: 'Search the regions',
    op: 'adminListRegions',
    query: { q: 'North%20each%20{{run}}' },
    test() {
      pm.test('200 with only that place', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().data.map((place) => place.id)).to.eql([Number(pm.collectionVariables.get('eachRegion'))]);
      });
    },
  },
  {
    name: 'Update the Bangla name of the region',
    op: 'updateRegion',
    path: { id: '{{eachRegion}}' },
    body: { nameBn: 'নতুন' },
    test() {
      pm.test('200 with version 2', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json()).to.include({ nameBn: 'নতুন', version: 2 });
      });
    },
  },
  {
    name: 'Replace the region',
    op: 'replaceRegion',
    path: { id: '{{eachRegion}}' },
    body: { name: 'North anew {{run}}' },
    test() {
      pm.test('200 with the omitted field cleared', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json()).to.include({ nameBn: null, version: 3 });
      });
    },
  },
  {
    name: 'Create the area',
    op: 'createArea',
    body: { name: 'East each {{run}}', region: unquoted('eachRegion') },
    test() {
      const body = pm.response.json();
      pm.test('201 with version 1', () => {
        pm.response.to.have.status(201);
        pm.expect(body.version).to.eql(1);
      });
      pm.collectionVariables.set('eachArea', body.id);
    },
  },
  {
    name: 'Get the area',
    op: 'getArea',
    path: { id: '{{eachArea}}' },
    test() {
      pm.test('200 with the requested id', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().id).to.eql(Number(pm.collectionVariables.get('eachArea')));
      });
    },
  },
  {
    name: 'Search the areas',
    op: 'adminListAreas',
    query: { q: 'East%20each%20{{run}}' },
    test() {
      pm.test('200 with only that place', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().data.map((place) => place.id)).to.eql([Number(pm.collectionVariables.get('eachArea'))]);
      });
    },
  },
  {
    name: 'Update the Bangla name of the area',
    op: 'updateArea',
    path: { id: '{{eachArea}}' },
    body: { nameBn: 'নতুন' },
    test() {
      pm.test('200 with version 2', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json()).to.include({ nameBn: 'নতুন', version: 2 });
      });
    },
  },
  {
    name: 'Replace the area',
    op: 'replaceArea',
    path: { id: '{{eachArea}}' },
    body: { name: 'East anew {{run}}', region: unquoted('eachRegion') },
    test() {
      pm.test('200 with the omitted field cleared', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json()).to.include({ nameBn: null, version: 3 });
      });
    },
  },
  {
    name: 'Create the territory',
    op: 'createTerritory',
    body: { name: 'Lane each {{run}}', area: unquoted('eachArea') },
    test() {
      const body = pm.response.json();
      pm.test('201 with version 1', () => {
        pm.response.to.have.status(201);
        pm.expect(body.version).to.eql(1);
      });
      pm.collectionVariables.set('eachTerritory', body.id);
    },
  },
  {
    name: 'Get the territory',
    op: 'getTerritory',
    path: { id: '{{eachTerritory}}' },
    test() {
      pm.test('200 with the requested id', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().id).to.eql(Number(pm.collectionVariables.get('eachTerritory')));
      });
    },
  },
  {
    name: 'Search the territories',
    op: 'adminListTerritories',
    query: { q: 'Lane%20each%20{{run}}' },
    test() {
      pm.test('200 with only that place', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().data.map((place) => place.id)).to.eql([Number(pm.collectionVariables.get('eachTerritory'))]);
      });
    },
  },
  {
    name: 'Update the Bangla name of the territory',
    op: 'updateTerritory',
    path: { id: '{{eachTerritory}}' },
    body: { nameBn: 'নতুন' },
    test() {
      pm.test('200 with version 2', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json()).to.include({ nameBn: 'নতুন', version: 2 });
      });
    },
  },
  {
    name: 'Replace the territory',
    op: 'replaceTerritory',
    path: { id: '{{eachTerritory}}' },
    body: { name: 'Lane anew {{run}}', area: unquoted('eachArea') },
    test() {
      pm.test('200 with the omitted field cleared', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json()).to.include({ nameBn: null, version: 3 });
      });
    },
  },
  {
    name: 'Create the distributor',
    op: 'createDistributor',
    body: { name: 'Depot each {{run}}' },
    test() {
      const body = pm.response.json();
      pm.test('201 with version 1', () => {
        pm.response.to.have.status(201);
        pm.expect(body.version).to.eql(1);
      });
      pm.collectionVariables.set('eachDistributor', body.id);
    },
  },
  {
    name: 'Get the distributor',
    op: 'getDistributor',
    path: { id: '{{eachDistributor}}' },
    test() {
      pm.test('200 with the requested id', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().id).to.eql(Number(pm.collectionVariables.get('eachDistributor')));
      });
    },
  },
  {
    name: 'Search the distributors',
    op: 'adminListDistributors',
    query: { q: 'Depot%20each%20{{run}}' },
    test() {
      pm.test('200 with only that place', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().data.map((place) => place.id)).to.eql([Number(pm.collectionVariables.get('eachDistributor'))]);
      });
    },
  },
  {
    name: 'Update the Bangla name of the distributor',
    op: 'updateDistributor',
    path: { id: '{{eachDistributor}}' },
    body: { nameBn: 'নতুন' },
    test() {
      pm.test('200 with version 2', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json()).to.include({ nameBn: 'নতুন', version: 2 });
      });
    },
  },
  {
    name: 'Replace the distributor',
    op: 'replaceDistributor',
    path: { id: '{{eachDistributor}}' },
    body: { name: 'Depot anew {{run}}' },
    test() {
      pm.test('200 with the omitted field cleared', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json()).to.include({ nameBn: null, version: 3 });
      });
    },
  },
  {
    name: 'List duplicate names',
    op: 'listDuplicates',
    test: expectStatus(200),
  },
  {
    name: 'Delete the distributor',
    op: 'deleteDistributor',
    path: { id: '{{eachDistributor}}' },
    test: expectStatus(204),
  },
  {
    name: 'Delete the territory',
    op: 'deleteTerritory',
    path: { id: '{{eachTerritory}}' },
    test: expectStatus(204),
  },
  {
    name: 'Delete the area',
    op: 'deleteArea',
    path: { id: '{{eachArea}}' },
    test: expectStatus(204),
  },
  {
    name: 'Delete the region',
    op: 'deleteRegion',
    path: { id: '{{eachRegion}}' },
    test: expectStatus(204),
  },
]);
