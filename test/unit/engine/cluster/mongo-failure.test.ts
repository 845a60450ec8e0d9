import { MongoNetworkError, MongoServerError, MongoUnexpectedServerResponseError } from 'mongodb';
import { expect, test } from 'vitest';
import { failureOf, guarded } from '../../../../src/engine/cluster/mongo-store/failure.ts';
import { StoreUnavailable } from '../../../../src/store/store.ts';

const cursorNotFound = 43;
const queryKilled = 175;
const documentInvalid = 121;

test.each([
  new MongoNetworkError('the connection was reset'),
  new MongoUnexpectedServerResponseError('Unable to get response from server'),
  new MongoServerError({ message: 'cursor id 7 not found', code: cursorNotFound }),
  new MongoServerError({ message: 'collection dropped', code: queryKilled }),
])('%s: a retry makes sense', (error) => {
  const failure = failureOf(error) as Error;
  expect(failure).toBeInstanceOf(StoreUnavailable);
  expect(failure.message).toBe(`MongoDB is not available: ${error.message}`);
  expect(failure.cause).toBe(error);
});

test('what a retry does not change is reported in one line, and other errors stay as they are', async () => {
  const refused = new MongoServerError({ message: 'no\nsecond line', code: documentInvalid });
  expect(failureOf(refused)).not.toBeInstanceOf(StoreUnavailable);
  expect(String(failureOf(refused))).toMatch(/^Error: MongoDB refuses a document [^\n]*: no$/);
  const own = new Error('of ours');
  await expect(guarded(() => Promise.reject(own))).rejects.toBe(own);
});
