import { nobody, story } from '../story.mjs';

export default story('Operations', {
  as: nobody,
}, [
  {
    name: 'Live',
    op: 'live',
    test() {
      pm.test('200, up', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json()).to.have.all.keys('status', 'version');
        pm.expect(pm.response.json().status).to.eql('up');
        pm.expect(pm.response.json().version).to.match(/^\d+\.\d+\.\d+/);
      });
    },
  },
  {
    name: 'Health',
    op: 'health',
    test() {
      pm.test('200, up', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().status).to.eql('up');
      });
    },
  },
  {
    name: 'Ready',
    op: 'ready',
    test() {
      pm.test('200, up', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json()).to.have.all.keys('status', 'version');
        pm.expect(pm.response.json().status).to.eql('up');
        pm.expect(pm.response.json().version).to.match(/^\d+\.\d+\.\d+/);
      });
    },
  },
  {
    name: 'OpenAPI',
    method: 'GET',
    path: '/openapi.json',
    test() {
      const { openapi, info, paths } = pm.response.json();
      pm.test('200, OpenAPI 3.1.0 of Haat', () => {
        pm.response.to.have.status(200);
        pm.expect(openapi).to.eql('3.1.0');
        pm.expect(info.title).to.eql('Haat');
      });
      pm.test('describes what this collection calls', () => {
        pm.expect(paths['/auth/login']).to.have.property('post');
        ['/auth/me', '/retailers', '/retailers/{uid}', '/health/live', '/health/ready'].forEach((path) =>
          pm.expect(paths[path], path).to.have.property('get'),
        );
        const office = Object.keys(paths).filter((path) => path.startsWith('/admin/'));
        ['regions', 'areas', 'territories', 'distributors', 'place-aliases', 'sales-reps', 'users', 'retailers', 'assignments', 'audit'].forEach((what) =>
          pm.expect(office.some((path) => path.startsWith(`/admin/${what}`)), what).to.eql(true),
        );
      });
    },
  },
  {
    name: 'Metrics',
    op: 'metrics',
    test() {
      pm.test('200, in the format of Prometheus', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.text()).to.include('haat_http_request_seconds_count');
      });
    },
  },
]);
