import { admin, answers, bare, story } from '../story.mjs';

export default story('The map, each kind of place', {
  description: 'Everything that can be done to a region, an area, a territory and a distributor.',
  as: admin,
}, [
  {
    name: 'Make a region',
    op: 'createRegion',
    body: { name: 'North each {{run}}' },
    test() {
      const body = pm.response.json();
      pm.test('201, of version 1', () => {
        pm.response.to.have.status(201);
        pm.expect(body.version).to.eql(1);
      });
      pm.collectionVariables.set('eachRegion', body.id);
    },
  },
  {
    name: 'The region',
    op: 'getRegion',
    path: { id: '{{eachRegion}}' },
    test() {
      pm.test('200, the same', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().id).to.eql(Number(pm.collectionVariables.get('eachRegion')));
      });
    },
  },
  {
    name: 'Find it among the regions',
    op: 'listRegions',
    query: { q: 'North%20each%20{{run}}' },
    test() {
      pm.test('200, it alone', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().data.map((place) => place.id)).to.eql([Number(pm.collectionVariables.get('eachRegion'))]);
      });
    },
  },
  {
    name: 'Rename the region',
    op: 'updateRegion',
    path: { id: '{{eachRegion}}' },
    body: { nameBn: 'নতুন' },
    test() {
      pm.test('200, of version 2', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json()).to.include({ nameBn: 'নতুন', version: 2 });
      });
    },
  },
  {
    name: 'Replace the region as a whole',
    op: 'replaceRegion',
    path: { id: '{{eachRegion}}' },
    body: { name: 'North anew {{run}}' },
    test() {
      pm.test('200, what is left out is cleared', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json()).to.include({ nameBn: null, version: 3 });
      });
    },
  },
  {
    name: 'Make an area',
    op: 'createArea',
    body: { name: 'East each {{run}}', region: bare('eachRegion') },
    test() {
      const body = pm.response.json();
      pm.test('201, of version 1', () => {
        pm.response.to.have.status(201);
        pm.expect(body.version).to.eql(1);
      });
      pm.collectionVariables.set('eachArea', body.id);
    },
  },
  {
    name: 'The area',
    op: 'getArea',
    path: { id: '{{eachArea}}' },
    test() {
      pm.test('200, the same', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().id).to.eql(Number(pm.collectionVariables.get('eachArea')));
      });
    },
  },
  {
    name: 'Find it among the areas',
    op: 'listAreas',
    query: { q: 'East%20each%20{{run}}' },
    test() {
      pm.test('200, it alone', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().data.map((place) => place.id)).to.eql([Number(pm.collectionVariables.get('eachArea'))]);
      });
    },
  },
  {
    name: 'Rename the area',
    op: 'updateArea',
    path: { id: '{{eachArea}}' },
    body: { nameBn: 'নতুন' },
    test() {
      pm.test('200, of version 2', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json()).to.include({ nameBn: 'নতুন', version: 2 });
      });
    },
  },
  {
    name: 'Replace the area as a whole',
    op: 'replaceArea',
    path: { id: '{{eachArea}}' },
    body: { name: 'East anew {{run}}', region: bare('eachRegion') },
    test() {
      pm.test('200, what is left out is cleared', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json()).to.include({ nameBn: null, version: 3 });
      });
    },
  },
  {
    name: 'Make a territory',
    op: 'createTerritory',
    body: { name: 'Lane each {{run}}', area: bare('eachArea') },
    test() {
      const body = pm.response.json();
      pm.test('201, of version 1', () => {
        pm.response.to.have.status(201);
        pm.expect(body.version).to.eql(1);
      });
      pm.collectionVariables.set('eachTerritory', body.id);
    },
  },
  {
    name: 'The territory',
    op: 'getTerritory',
    path: { id: '{{eachTerritory}}' },
    test() {
      pm.test('200, the same', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().id).to.eql(Number(pm.collectionVariables.get('eachTerritory')));
      });
    },
  },
  {
    name: 'Find it among the territories',
    op: 'listTerritories',
    query: { q: 'Lane%20each%20{{run}}' },
    test() {
      pm.test('200, it alone', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().data.map((place) => place.id)).to.eql([Number(pm.collectionVariables.get('eachTerritory'))]);
      });
    },
  },
  {
    name: 'Rename the territory',
    op: 'updateTerritory',
    path: { id: '{{eachTerritory}}' },
    body: { nameBn: 'নতুন' },
    test() {
      pm.test('200, of version 2', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json()).to.include({ nameBn: 'নতুন', version: 2 });
      });
    },
  },
  {
    name: 'Replace the territory as a whole',
    op: 'replaceTerritory',
    path: { id: '{{eachTerritory}}' },
    body: { name: 'Lane anew {{run}}', area: bare('eachArea') },
    test() {
      pm.test('200, what is left out is cleared', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json()).to.include({ nameBn: null, version: 3 });
      });
    },
  },
  {
    name: 'Make a distributor',
    op: 'createDistributor',
    body: { name: 'Depot each {{run}}' },
    test() {
      const body = pm.response.json();
      pm.test('201, of version 1', () => {
        pm.response.to.have.status(201);
        pm.expect(body.version).to.eql(1);
      });
      pm.collectionVariables.set('eachDistributor', body.id);
    },
  },
  {
    name: 'The distributor',
    op: 'getDistributor',
    path: { id: '{{eachDistributor}}' },
    test() {
      pm.test('200, the same', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().id).to.eql(Number(pm.collectionVariables.get('eachDistributor')));
      });
    },
  },
  {
    name: 'Find it among the distributors',
    op: 'listDistributors',
    query: { q: 'Depot%20each%20{{run}}' },
    test() {
      pm.test('200, it alone', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().data.map((place) => place.id)).to.eql([Number(pm.collectionVariables.get('eachDistributor'))]);
      });
    },
  },
  {
    name: 'Rename the distributor',
    op: 'updateDistributor',
    path: { id: '{{eachDistributor}}' },
    body: { nameBn: 'নতুন' },
    test() {
      pm.test('200, of version 2', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json()).to.include({ nameBn: 'নতুন', version: 2 });
      });
    },
  },
  {
    name: 'Replace the distributor as a whole',
    op: 'replaceDistributor',
    path: { id: '{{eachDistributor}}' },
    body: { name: 'Depot anew {{run}}' },
    test() {
      pm.test('200, what is left out is cleared', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json()).to.include({ nameBn: null, version: 3 });
      });
    },
  },
  {
    name: 'Delete the distributor',
    op: 'deleteDistributor',
    path: { id: '{{eachDistributor}}' },
    test: answers(204),
  },
  {
    name: 'Delete the territory',
    op: 'deleteTerritory',
    path: { id: '{{eachTerritory}}' },
    test: answers(204),
  },
  {
    name: 'Delete the area',
    op: 'deleteArea',
    path: { id: '{{eachArea}}' },
    test: answers(204),
  },
  {
    name: 'Delete the region',
    op: 'deleteRegion',
    path: { id: '{{eachRegion}}' },
    test: answers(204),
  },
]);
