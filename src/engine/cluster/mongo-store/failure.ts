import {
  MongoBulkWriteError,
  MongoError,
  MongoServerError,
  MongoServerSelectionError,
} from 'mongodb';
import { StoreUnavailable } from '../../../store/store.ts';

/**
 * Maps an error of the driver: to `StoreUnavailable` if a retry makes sense (the server is unavailable, electing,
 * full or too slow), otherwise to an error of one line. Other errors stay as they are.
 */
export const failureOf = (error: unknown): unknown => {
  if (!(error instanceof MongoError)) return error;
  const inner = innermost(error);
  const line = firstLine(inner.message);
  if (isPassing(inner)) {
    return new StoreUnavailable(`MongoDB is not available: ${line}`, { cause: error });
  }
  if (inner instanceof MongoServerError && inner.code === documentInvalid) {
    return new Error(
      `MongoDB refuses a document that does not match its collection's schema: ${line}`,
      {
        cause: error,
      },
    );
  }
  return new Error(`MongoDB: ${line}`, { cause: error });
};

/** Runs one access to MongoDB and maps its errors by `failureOf`. */
export const guarded = async <T>(access: () => Promise<T>): Promise<T> => {
  try {
    return await access();
  } catch (error) {
    throw failureOf(error);
  }
};

/** The server's code for a second document of the same `_id`. */
export const duplicateKey = 11000;

const documentInvalid = 121;

/** A bulk write wraps what the connection threw, and lists what the server refused. */
const innermost = (error: MongoError): MongoError => {
  if (!(error instanceof MongoBulkWriteError)) return error;
  const { errorResponse } = error;
  if (errorResponse instanceof MongoError) return errorResponse;
  const refused = [error.writeErrors].flat().find(({ code }) => code !== duplicateKey);
  return refused
    ? new MongoServerError({ message: refused.errmsg ?? '', code: refused.code })
    : error;
};

const isPassing = (error: MongoError): boolean =>
  passingNames.has(error.name) ||
  error instanceof MongoServerSelectionError ||
  error.hasErrorLabel('RetryableWriteError') ||
  error.hasErrorLabel('TransientTransactionError') ||
  (typeof error.code === 'number' && passingCodes.has(error.code));

const passingNames = new Set([
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoNotConnectedError',
  'MongoServerClosedError',
  'MongoTopologyClosedError',
  'MongoPoolClearedError',
  'MongoPoolClosedError',
  'PoolClearedOnNetworkError',
  'MongoWaitQueueTimeoutError',
  'MongoStalePrimaryError',
  'MongoOperationTimeoutError',
  'MongoWriteConcernError',
  // The connection ended before the answer, which the driver does not report as an error of the network.
  'MongoUnexpectedServerResponseError',
]);

/**
 * Not primary, shutting down, host unavailable, no quorum in time, out of disk, too many writers of one document; a query
 * that the server has ended or forgotten, as after a restart or when its collection was dropped.
 */
const passingCodes = new Set([
  6, 7, 24, 43, 50, 64, 79, 89, 91, 100, 112, 175, 189, 237, 262, 9001, 10058, 10107, 11600, 11601,
  11602, 13435, 13436, 14031,
]);

const firstLine = (text: string): string => text.split('\n', 1).join('');
