// The operations of docs/openapi.json, as requests are matched with them.

/** Each with its id, its method and a pattern of its path; those whose paths have fewer parameters first. */
export function operationsOf(document) {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      id: operation.operationId,
      method: method.toUpperCase(),
      path: `^(?:/api(?:/v1)?)?${path.replace(/\{\w+\}/g, '[^/]+')}$`,
      varies: path.split('{').length,
      operation,
    })),
  );
  return operations.sort((one, other) => one.varies - other.varies);
}
