import { anonymous, story } from '../story.mjs';

export default story('Operations', {
  as: anonymous,
}, [
  {
    name: 'Get the liveness',
    op: 'getLiveness',
    test() {
      pm.test('200 with status up', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json()).to.have.all.keys('status', 'version');
        pm.expect(pm.response.json().status).to.eql('up');
        pm.expect(pm.response.json().version).to.match(/^\d+\.\d+\.\d+/);
      });
    },
  },
  {
    name: 'Get the health',
    op: 'getHealth',
    test() {
      pm.test('200 with status up', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().status).to.eql('up');
      });
    },
  },
  {
    name: 'Get the readiness',
    op: 'getReadiness',
    test() {
      pm.test('200 with status up', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json()).to.have.all.keys('status', 'version');
        pm.expect(pm.response.json().status).to.eql('up');
        pm.expect(pm.response.json().version).to.match(/^\d+\.\d+\.\d+/);
      });
    },
  },
  {
    name: 'Get the OpenAPI document',
    method: 'GET',
    path: '/openapi.json',
    test() {
      const { openapi, info, paths } = pm.response.json();
      pm.test('200 with OpenAPI 3.1.0 for Haat', () => {
        pm.response.to.have.status(200);
        pm.expect(openapi).to.eql('3.1.0');
        pm.expect(info.title).to.eql('Haat');
      });
      pm.test('contains the operations of this collection', () => {
        pm.expect(paths['/auth/login']).to.have.property('post');
        ['/auth/me', '/users', '/roles', '/retailers', '/retailers/{uid}', '/health/live', '/health/ready'].forEach((path) =>
          pm.expect(paths[path], path).to.have.property('get'),
        );
        const adminPaths = Object.keys(paths).filter((path) => path.startsWith('/admin/'));
        ['regions', 'areas', 'territories', 'distributors', 'place-aliases', 'sales-reps', 'retailers', 'assignments', 'audit'].forEach((resource) =>
          pm.expect(adminPaths.some((path) => path.startsWith(`/admin/${resource}`)), resource).to.eql(true),
        );
      });
    },
  },
  {
    name: 'Get the metrics',
    op: 'getMetrics',
    test() {
      pm.test('200 in the Prometheus text format', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.text()).to.include('haat_http_request_duration_seconds_count');
      });
    },
  },
]);
