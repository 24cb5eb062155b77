/* loquor.h: the C API of loquor, a library for Transformer language models. C99 and C++.
 *
 * Conventions
 *
 * 1. Handles. They are opaque. Who gets one through an out parameter owns it and frees it with
 *    loquor_<noun>_free, which does nothing with NULL. They may be freed in any order: what still
 *    needs a freed handle keeps it alive. None may be freed while a call on it runs.
 *
 * 2. Results. What can fail returns int32_t: LOQUOR_OK, LOQUOR_DONE (a stream's end), or what went
 *    wrong. Out parameters stay untouched on failure. NULL where a value is needed, a handle of
 *    another kind, or an argument that makes no sense gives LOQUOR_INVALID_ARGUMENT. Any call may
 *    give LOQUOR_OUT_OF_MEMORY or LOQUOR_INTERNAL. Other codes are told with the calls.
 *
 * 3. Errors. The last parameter, loquor_error **error, may be NULL. On failure *error is set to a
 *    handle with the code and one line of text; free it with loquor_error_free. On success it is
 *    untouched.
 *
 * 4. Getters. What cannot fail returns its value, and 0 or NULL for NULL. A pointer lives as long
 *    as the handle that it came from, unless the getter says less.
 *
 * 5. Text. UTF-8, as a pointer and a length in bytes; NULL with length 0 is empty text. Text that
 *    is returned has a NUL behind its last byte, not counted. Paths and names end in NUL.
 *
 * 6. Numbers. Token ids are int32_t, arrays are row-major, truth is int32_t: 0 or not 0.
 *
 * 7. Threads. Nothing is bound to a thread. Runtimes, models, cancels and results (error, string,
 *    ids, tensor, output) may be used by many threads at once, and so may options while nobody
 *    sets them. Sessions, batches, samplers, generations, chats and tokenizer streams take one call
 *    at a time, from any thread; a second one meanwhile gets LOQUOR_BUSY and changes nothing.
 *
 * 8. Failures. A call that fails leaves everything as it was. Nothing ends the process, prints, or
 *    changes signals, locale or environment.
 *
 * 9. Callbacks. They get the context that they were set with and return normally: no longjmp, no
 *    exception.
 *
 * 10. Options. NULL stands for the defaults. A call copies what it needs, so that options may
 *     change or go right after it. Names are Hugging Face's; loquor_options_describe lists them.
 *
 * 11. Versions. Within a major version no name and no meaning changes. Every function says since
 *     when it exists. */
#ifndef LOQUOR_H
#define LOQUOR_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define LOQUOR_EXPORT __attribute__((visibility("default")))
#else
#define LOQUOR_EXPORT
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* What a call returns. */
enum {
  LOQUOR_OK = 0,
  LOQUOR_DONE = 1,             /* A stream has ended; no error is set. */
  LOQUOR_INVALID_ARGUMENT = 2, /* A value, name, id or text that the call cannot take. */
  LOQUOR_NOT_FOUND = 3,        /* No such file, folder, token, or model in the local cache. */
  LOQUOR_INVALID_FILE = 4,     /* A file that is truncated, malformed, or disagrees with itself. */
  LOQUOR_UNSUPPORTED = 5,      /* Well-formed, but nothing that this build or model does. */
  LOQUOR_OUT_OF_MEMORY = 6,    /* The system's memory or the runtime's memory_limit is spent. */
  LOQUOR_CONTEXT_FULL = 7,     /* More positions than the model or the session has. */
  LOQUOR_CANCELLED = 8,        /* A cancel was set; everything is as before the call. */
  LOQUOR_BUSY = 9,             /* Another thread is inside a call on the same object. */
  LOQUOR_IO = 10,              /* The system failed to read; its message is in the text. */
  LOQUOR_INTERNAL = 11         /* A defect in loquor. Please report it. */
};

/* Why a generation ended. */
enum {
  LOQUOR_FINISH_NONE = 0,     /* It has not yet. */
  LOQUOR_FINISH_EOS = 1,      /* The model ended the text. */
  LOQUOR_FINISH_STOP = 2,     /* A stop string was reached. */
  LOQUOR_FINISH_LENGTH = 3,   /* max_new_tokens was reached. */
  LOQUOR_FINISH_CONTEXT = 4,  /* The context is full. */
  LOQUOR_FINISH_TIME = 5,     /* max_time was reached. */
  LOQUOR_FINISH_CANCELLED = 6 /* A cancel was set. */
};

/* The level of a line of the log. */
enum { LOQUOR_LOG_DEBUG = 0, LOQUOR_LOG_INFO = 1, LOQUOR_LOG_WARNING = 2 };

typedef struct loquor_error loquor_error;     /* a code and a line of text */
typedef struct loquor_string loquor_string;   /* bytes, mostly text */
typedef struct loquor_ids loquor_ids;         /* token ids, maybe with offsets */
typedef struct loquor_tensor loquor_tensor;   /* floats with a shape */
typedef struct loquor_output loquor_output;   /* what a generation gave */
typedef struct loquor_options loquor_options; /* named values for a kind of call */
typedef struct loquor_cancel loquor_cancel;   /* ends long calls */
typedef struct loquor_runtime loquor_runtime; /* threads, log, memory limit */
typedef struct loquor_model loquor_model;     /* weights and tokenizer, immutable */
typedef struct loquor_tokenizer_stream loquor_tokenizer_stream; /* ids to text, id by id */
typedef struct loquor_session loquor_session;                   /* one sequence's state */
typedef struct loquor_batch loquor_batch;           /* the next steps of many sessions */
typedef struct loquor_sampler loquor_sampler;       /* logits to a token id */
typedef struct loquor_generation loquor_generation; /* the loop, pulled piece by piece */
typedef struct loquor_chat loquor_chat;             /* a conversation */
typedef struct loquor_inputs loquor_inputs;         /* what a task reads */

/* ---- Version and errors ---- */

/* "0.1.0": the library's version at run time. Threads: any. Since 0.1. */
LOQUOR_EXPORT const char *loquor_version(void);

/* The error's code, LOQUOR_OK for NULL. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_error_code(const loquor_error *error);

/* One line that names the thing and what was expected of it, ending in NUL; "" for NULL. Lives as
 * long as the error. Since 0.1. */
LOQUOR_EXPORT const char *loquor_error_message(const loquor_error *error);

/* Since 0.1. */
LOQUOR_EXPORT void loquor_error_free(loquor_error *error);

/* ---- Results ---- */

/* The bytes, with a NUL behind them; *length (may be NULL) gets their number. Lives as long as the
 * string. Since 0.1. */
LOQUOR_EXPORT const char *loquor_string_data(const loquor_string *string, size_t *length);

/* Since 0.1. */
LOQUOR_EXPORT void loquor_string_free(loquor_string *string);

/* The ids; *count (may be NULL) gets their number. Lives as long as the handle. Since 0.1. */
LOQUOR_EXPORT const int32_t *loquor_ids_data(const loquor_ids *ids, size_t *count);

/* (count, 2): where each id begins and ends in the bytes of the encoded text, of a pair in those of
 * its own text; equal where it stands for no text. NULL for ids that came without offsets. Lives as
 * long as the handle. Since 0.1. */
LOQUOR_EXPORT const int64_t *loquor_ids_offsets(const loquor_ids *ids);

/* (count, 3): of each id its type (what BERT calls segments), the text that it comes from (0 or 1)
 * and its word in that text, from 0; the last two are -1 for special tokens that were added. NULL
 * for ids that came without offsets. Lives as long as the handle. Since 0.1. */
LOQUOR_EXPORT const int32_t *loquor_ids_origins(const loquor_ids *ids);

/* Since 0.1. */
LOQUOR_EXPORT void loquor_ids_free(loquor_ids *ids);

/* The values, row-major; *count (may be NULL) gets their number. Lives as long as the tensor. Since
 * 0.1. */
LOQUOR_EXPORT const float *loquor_tensor_data(const loquor_tensor *tensor, size_t *count);

/* The number of axes: 1 to 3. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_tensor_rank(const loquor_tensor *tensor);

/* The size of an axis, the slowest being 0; 0 for an axis that the tensor does not have. Since 0.1.
 */
LOQUOR_EXPORT int64_t loquor_tensor_size(const loquor_tensor *tensor, int32_t axis);

/* Since 0.1. */
LOQUOR_EXPORT void loquor_tensor_free(loquor_tensor *tensor);

/* The text, with a NUL behind it; *length (may be NULL) gets its bytes. Lives as long as the
 * output. Since 0.1. */
LOQUOR_EXPORT const char *loquor_output_text(const loquor_output *output, size_t *length);

/* The generated ids, an end-of-text id included. Lives as long as the output. Since 0.1. */
LOQUOR_EXPORT const int32_t *loquor_output_ids(const loquor_output *output, size_t *count);

/* LOQUOR_FINISH_... Since 0.1. */
LOQUOR_EXPORT int32_t loquor_output_finish_reason(const loquor_output *output);

/* The sum of the log-probabilities of the ids, as drawn; with several beams, divided by
 * length^length_penalty. Since 0.1. */
LOQUOR_EXPORT double loquor_output_score(const loquor_output *output);

/* The seed that gives the same output again. Since 0.1. */
LOQUOR_EXPORT int64_t loquor_output_seed(const loquor_output *output);

/* Log-probabilities for the id at `index`: the chosen one first, then the most likely ones in
 * falling order. *ids and *logprobs get arrays of *count entries that live as long as the output.
 * Fails with LOQUOR_INVALID_ARGUMENT where index is too large or the option logprobs was not set.
 * Since 0.1. */
LOQUOR_EXPORT int32_t loquor_output_logprobs(const loquor_output *output, size_t index,
                                             const int32_t **ids, const float **logprobs,
                                             size_t *count, loquor_error **error);

/* With the option output_scores: what each id was chosen by, (ids, V). Fails with
 * LOQUOR_INVALID_ARGUMENT without it. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_output_scores(const loquor_output *output, loquor_tensor **scores,
                                           loquor_error **error);

/* How many sequences there are: num_return_sequences, or fewer where beams left no more. The
 * getters above tell of the first, which is the best of beams. Since 0.1. */
LOQUOR_EXPORT int64_t loquor_output_sequences(const loquor_output *output);

/* One of the sequences, as an output of its own. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_output_sequence(const loquor_output *output, size_t index,
                                             loquor_output **sequence, loquor_error **error);

/* All of it as a JSON object: text, ids, score, finish_reason, seed, timings, logprobs,
 * dropped_turns, sequences; without the scores. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_output_json(const loquor_output *output, loquor_string **json,
                                         loquor_error **error);

/* Since 0.1. */
LOQUOR_EXPORT void loquor_output_free(loquor_output *output);

/* ---- Options ---- */

/* Empty options for a kind of call: "runtime", "model", "session", "generate", "chat", "encode",
 * "render", or a task: "translate", "summarize", "embed", "classify", "tag", "fill_mask", "rerank",
 * "answer", "zero_shot" or "score". An unknown kind fails with the list of them. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_options_new(const char *kind, loquor_options **options,
                                         loquor_error **error);

/* Every option of a kind as a JSON array of objects: name, type, minimum, maximum, choices,
 * default, description. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_options_describe(const char *kind, loquor_string **json,
                                              loquor_error **error);

/* Sets an integer, or a truth value (0 or 1), or a number. As every setter it checks name, type and
 * range at once, fails with LOQUOR_INVALID_ARGUMENT, and lists the known names where this one is
 * not. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_options_set_int64(loquor_options *options, const char *name,
                                               int64_t value, loquor_error **error);

/* Sets a number. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_options_set_double(loquor_options *options, const char *name,
                                                double value, loquor_error **error);

/* Sets text, or a list of one text. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_options_set_string(loquor_options *options, const char *name,
                                                const char *value, size_t length,
                                                loquor_error **error);

/* Sets a list of token ids. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_options_set_ids(loquor_options *options, const char *name,
                                             const int32_t *ids, size_t count,
                                             loquor_error **error);

/* Sets a handle: "cancel" (a loquor_cancel), "runtime" (a loquor_runtime) or "assistant_model" (a
 * loquor_model), which the options then keep alive. NULL unsets it. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_options_set_handle(loquor_options *options, const char *name,
                                                const void *handle, loquor_error **error);

/* Sets every member of a JSON object, or none where one is wrong; null goes back to the default.
 * Accepts what the keywords of Python accept: {"temperature": 0.8, "stop_strings": ["\n"],
 * "logit_bias": {"42": -1.5}}. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_options_set_json(loquor_options *options, const char *json,
                                              size_t length, loquor_error **error);

/* The values that differ from the defaults, as set_json takes them. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_options_to_json(const loquor_options *options, loquor_string **json,
                                             loquor_error **error);

/* Gets one line without a newline (not ending in NUL) at a time, from any thread, maybe several at
 * once. */
typedef void (*loquor_log_callback)(void *context, int32_t level, const char *line, size_t length);

/* Options of kind "runtime": receives the log, which is silent without it. NULL unsets it. Since
 * 0.1. */
LOQUOR_EXPORT int32_t loquor_options_set_log(loquor_options *options, loquor_log_callback log,
                                             void *context, loquor_error **error);

/* Lets worker(argument) run on 0 to `count` threads of the host, now or later, and returns at once.
 * The argument stays valid as long as the runtime; a late worker finds nothing to do and returns.
 * The caller alone can always finish. */
typedef void (*loquor_lend_callback)(void *context, int32_t count, void (*worker)(void *argument),
                                     void *argument);

/* Options of kind "runtime": lends the host's threads, so that the runtime starts none. NULL unsets
 * it. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_options_set_lend(loquor_options *options, loquor_lend_callback lend,
                                              void *context, loquor_error **error);

/* Told on the calling thread how many inputs of a task are done. */
typedef void (*loquor_progress_callback)(void *context, int64_t done, int64_t total);

/* Options of a task: receives its progress. NULL unsets it. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_options_set_progress(loquor_options *options,
                                                  loquor_progress_callback progress, void *context,
                                                  loquor_error **error);

/* Since 0.1. */
LOQUOR_EXPORT void loquor_options_free(loquor_options *options);

/* ---- Runtime and cancel ---- */

/* A runtime of its own, from options of kind "runtime": threads, memory_limit, log, lend. Models
 * that are given none share a default one. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_runtime_new(const loquor_options *options, loquor_runtime **runtime,
                                         loquor_error **error);

/* Threads that compute, the caller's included. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_runtime_threads(const loquor_runtime *runtime);

/* Bytes that weights, caches and workspaces take at present. Since 0.1. */
LOQUOR_EXPORT int64_t loquor_runtime_memory_used(const loquor_runtime *runtime);

/* Since 0.1. */
LOQUOR_EXPORT void loquor_runtime_free(loquor_runtime *runtime);

/* Given to long calls, by option or parameter, it ends them from any thread or from a signal
 * handler. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_cancel_new(loquor_cancel **cancel, loquor_error **error);

/* Ends every call that was given it, now and until it is reset. Safe in a signal handler. Since
 * 0.1. */
LOQUOR_EXPORT void loquor_cancel_set(const loquor_cancel *cancel);

/* Makes it usable again. Since 0.1. */
LOQUOR_EXPORT void loquor_cancel_reset(const loquor_cancel *cancel);

/* Since 0.1. */
LOQUOR_EXPORT void loquor_cancel_free(loquor_cancel *cancel);

/* ---- Model ---- */

/* Opens `path`: a directory (config.json and safetensors), a .gguf file, or "org/name", looked up
 * offline in the local Hugging Face cache. runtime NULL: the one in the options (kind "model"),
 * else the shared default. What the file asks for and loquor does not do is refused by name. Fails
 * with LOQUOR_NOT_FOUND, _INVALID_FILE, _UNSUPPORTED, _OUT_OF_MEMORY, _CANCELLED, _IO. Since 0.1.
 */
LOQUOR_EXPORT int32_t loquor_model_open(loquor_runtime *runtime, const char *path,
                                        const loquor_options *options, loquor_model **model,
                                        loquor_error **error);

/* loquor_model_open() on a .gguf file in memory, which must stay until the model and all made from
 * it are freed. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_model_open_memory(loquor_runtime *runtime, const void *data,
                                               size_t size, const loquor_options *options,
                                               loquor_model **model, loquor_error **error);

/* Writes up to `count` bytes from `offset` of the file to `destination` and returns how many, 0 for
 * an error. */
typedef size_t (*loquor_read_callback)(void *context, uint64_t offset, void *destination,
                                       size_t count);

/* loquor_model_open() on a .gguf file of `size` bytes behind a callback, which is not called after
 * this returns. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_model_open_reader(loquor_runtime *runtime, uint64_t size,
                                               loquor_read_callback read, void *context,
                                               const loquor_options *options, loquor_model **model,
                                               loquor_error **error);

/* What opening `path` would give, as loquor_model_info tells it, without reading the weights. Since
 * 0.1. */
LOQUOR_EXPORT int32_t loquor_model_inspect(const char *path, const loquor_options *options,
                                           loquor_string **json, loquor_error **error);

/* A JSON object: architecture, format, compute_type, cache_type, isa, parameters, layers, width,
 * heads, key_value_heads, vocabulary, context_length, file_bytes, weight_bytes,
 * cache_bytes_per_position, workspace_bytes, spec, and generation_defaults (what
 * generation_config.json sets, as loquor_options_set_json takes it; loquor_model_inspect leaves it
 * out). Since 0.1. */
LOQUOR_EXPORT int32_t loquor_model_info(const loquor_model *model, loquor_string **json,
                                        loquor_error **error);

/* Positions at most. Since 0.1. */
LOQUOR_EXPORT int64_t loquor_model_context_length(const loquor_model *model);

/* Whether text calls work, or ids only. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_model_has_tokenizer(const loquor_model *model);

/* Whether calls with messages, and chats, work. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_model_has_chat_template(const loquor_model *model);

/* Since 0.1. */
LOQUOR_EXPORT void loquor_model_free(loquor_model *model);

/* Logits (T, V) at each of `count` = T ids, or (last, V) at the last ones where last >= 0; of an
 * encoder whose head pools them (1, labels). decoder_ids: NULL; of an encoder-decoder, which reads
 * `ids` with its encoder, the `decoder_count` ids whose logits are given. cancel may be NULL. Fails
 * with LOQUOR_CONTEXT_FULL, _CANCELLED, and LOQUOR_UNSUPPORTED for decoder_ids where there is no
 * encoder and decoder. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_model_logits(const loquor_model *model, const int32_t *ids,
                                          size_t count, const int32_t *decoder_ids,
                                          size_t decoder_count, int64_t last,
                                          const loquor_cancel *cancel, loquor_tensor **logits,
                                          loquor_error **error);

/* (layers + 1, T, C): the embedding output, then each block's; the last one is after the final
 * norm, as transformers orders them. decoder_ids: NULL, and of an encoder-decoder the encoder's are
 * given; else the decoder's, of `decoder_count` ids. Fails as loquor_model_logits does. Since
 * 0.1. */
LOQUOR_EXPORT int32_t loquor_model_hidden_states(const loquor_model *model, const int32_t *ids,
                                                 size_t count, const int32_t *decoder_ids,
                                                 size_t decoder_count, const loquor_cancel *cancel,
                                                 loquor_tensor **states, loquor_error **error);

/* (layers, H, T, T): each layer's self-attention after the softmax, as transformers' attentions; a
 * row adds up to 1, and what it does not see is 0. decoder_ids: NULL, and of an encoder-decoder the
 * encoder's are given; else the decoder's, of `decoder_count` ids. Fails as loquor_model_logits
 * does, with LOQUOR_UNSUPPORTED for decoder_ids where there is no encoder and decoder, and with
 * LOQUOR_OUT_OF_MEMORY above 8 GiB, or above what the memory limit leaves. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_model_attentions(const loquor_model *model, const int32_t *ids,
                                              size_t count, const int32_t *decoder_ids,
                                              size_t decoder_count, const loquor_cancel *cancel,
                                              loquor_tensor **attentions, loquor_error **error);

/* (layers, H, decoder_count, count): how the decoder's layers look at the encoder's output. Fails
 * as loquor_model_attentions does. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_model_cross_attentions(const loquor_model *model, const int32_t *ids,
                                                    size_t count, const int32_t *decoder_ids,
                                                    size_t decoder_count,
                                                    const loquor_cancel *cancel,
                                                    loquor_tensor **attentions,
                                                    loquor_error **error);

/* (T - 1): log p(ids[i] | ids[0..i)) for i = 1 .. T - 1. Fails as loquor_model_logits does. Since
 * 0.1. */
LOQUOR_EXPORT int32_t loquor_model_log_probabilities(const loquor_model *model, const int32_t *ids,
                                                     size_t count, const loquor_cancel *cancel,
                                                     loquor_tensor **values, loquor_error **error);

/* Completes raw text, without a chat template: for a conversation use messages, or a chat. Options:
 * kind "generate". Fails with LOQUOR_CONTEXT_FULL, _UNSUPPORTED (no tokenizer). A cancel is no
 * failure: the output says so. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_model_generate(const loquor_model *model, const char *prompt,
                                            size_t length, const loquor_options *options,
                                            loquor_output **output, loquor_error **error);

/* loquor_model_generate() on `count` prompts together, a bounded number at a time, which is faster
 * than one after another. outputs: `count` of them, the caller's to free; untouched on failure.
 * Each is, bit for bit, that of a lone call with the seed that it reports: a seed that is given
 * counts up from the first prompt. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_model_generate_list(const loquor_model *model,
                                                 const char *const *prompts, const size_t *lengths,
                                                 size_t count, const loquor_options *options,
                                                 loquor_output **outputs, loquor_error **error);

/* Answers messages, a JSON array like [{"role": "user", "content": "Hi"}], rendered by the model's
 * chat template. render: options of kind "render". Fails with LOQUOR_UNSUPPORTED where the model
 * has no template. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_model_generate_messages(const loquor_model *model,
                                                     const char *messages, size_t length,
                                                     const loquor_options *options,
                                                     const loquor_options *render,
                                                     loquor_output **output, loquor_error **error);

/* loquor_model_generate(), piece by piece; nothing is computed before the first
 * loquor_generation_next. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_model_stream(const loquor_model *model, const char *prompt,
                                          size_t length, const loquor_options *options,
                                          loquor_generation **generation, loquor_error **error);

/* loquor_model_stream() from ids. loquor_generation_finish gives the whole at once. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_model_stream_ids(const loquor_model *model, const int32_t *ids,
                                              size_t count, const loquor_options *options,
                                              loquor_generation **generation, loquor_error **error);

/* loquor_model_generate_messages(), piece by piece. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_model_stream_messages(const loquor_model *model, const char *messages,
                                                   size_t length, const loquor_options *options,
                                                   const loquor_options *render,
                                                   loquor_generation **generation,
                                                   loquor_error **error);

/* Translates `count` texts by an encoder-decoder, as loquor_model_generate_list() goes on with
 * prompts: with the prefix and options of the task in the model's config.json, and languages as the
 * tokenizer marks them. Options: kind "translate" (src_lang, tgt_lang, truncation, and those of
 * "generate"). Fails with LOQUOR_UNSUPPORTED for a model of another kind, and with
 * LOQUOR_INVALID_ARGUMENT for a language that it does not know. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_model_translate(const loquor_model *model, const char *const *texts,
                                             const size_t *lengths, size_t count,
                                             const loquor_options *options, loquor_output **outputs,
                                             loquor_error **error);

/* Shortens `count` texts, likewise. Options: kind "summarize". Since 0.1. */
LOQUOR_EXPORT int32_t loquor_model_summarize(const loquor_model *model, const char *const *texts,
                                             const size_t *lengths, size_t count,
                                             const loquor_options *options, loquor_output **outputs,
                                             loquor_error **error);

/* ---- Tasks of encoders ---- */

/* What a task reads: any number of texts, pairs of texts, or token ids. They are packed by the
 * option batch_tokens, and each result is, to the bit, that of its input alone. A model that is not
 * made for a task gives LOQUOR_UNSUPPORTED, an input that is too long LOQUOR_CONTEXT_FULL (unless
 * the option truncation is set). Many calls may read inputs at once while nobody adds to them.
 * Since 0.1. */
LOQUOR_EXPORT int32_t loquor_inputs_new(loquor_inputs **inputs, loquor_error **error);

/* Adds a copy of a text. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_inputs_add_text(loquor_inputs *inputs, const char *text, size_t length,
                                             loquor_error **error);

/* Adds copies of two texts that are read together: a question and its context, ... Since 0.1. */
LOQUOR_EXPORT int32_t loquor_inputs_add_pair(loquor_inputs *inputs, const char *first,
                                             size_t first_length, const char *second,
                                             size_t second_length, loquor_error **error);

/* Adds copies of token ids, special ones included, and of their types (NULL: all 0). Since 0.1. */
LOQUOR_EXPORT int32_t loquor_inputs_add_ids(loquor_inputs *inputs, const int32_t *ids,
                                            const int32_t *types, size_t count,
                                            loquor_error **error);

/* Since 0.1. */
LOQUOR_EXPORT void loquor_inputs_free(loquor_inputs *inputs);

/* (inputs, width): a row for each input, pooled as the model says. Options of kind "embed". Since
 * 0.1. */
LOQUOR_EXPORT int32_t loquor_model_embed(const loquor_model *model, const loquor_inputs *inputs,
                                         const loquor_options *options, loquor_tensor **embeddings,
                                         loquor_error **error);

/* (rows of a, rows of b): how alike embeddings are, by the measure that the model names, else the
 * cosine. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_model_similarity(const loquor_model *model, const loquor_tensor *a,
                                              const loquor_tensor *b, loquor_tensor **similarities,
                                              loquor_error **error);

/* For each input an array of {label, score}, the likeliest first. Options of kind "classify". Since
 * 0.1. */
LOQUOR_EXPORT int32_t loquor_model_classify(const loquor_model *model, const loquor_inputs *inputs,
                                            const loquor_options *options, loquor_string **json,
                                            loquor_error **error);

/* For each text an array of {label, score, word, start, end, index}; start and end are bytes of the
 * text. Options of kind "tag". Since 0.1. */
LOQUOR_EXPORT int32_t loquor_model_tag(const loquor_model *model, const loquor_inputs *inputs,
                                       const loquor_options *options, loquor_string **json,
                                       loquor_error **error);

/* For each input and each mask in it an array of {id, token, score, sequence}. Options of kind
 * "fill_mask". Since 0.1. */
LOQUOR_EXPORT int32_t loquor_model_fill_mask(const loquor_model *model, const loquor_inputs *inputs,
                                             const loquor_options *options, loquor_string **json,
                                             loquor_error **error);

/* An array of {index, score}: which texts fit the query, the best first. Options of kind "rerank".
 * Since 0.1. */
LOQUOR_EXPORT int32_t loquor_model_rerank(const loquor_model *model, const char *query,
                                          size_t length, const loquor_inputs *inputs,
                                          const loquor_options *options, loquor_string **json,
                                          loquor_error **error);

/* For each pair of a question and its context an array of {text, score, start, end}; start and end
 * are bytes of the context. Options of kind "answer". Since 0.1. */
LOQUOR_EXPORT int32_t loquor_model_answer(const loquor_model *model, const loquor_inputs *inputs,
                                          const loquor_options *options, loquor_string **json,
                                          loquor_error **error);

/* For each text an array of {label, score}: which of the labels (texts too) fit it. Options of kind
 * "zero_shot". Since 0.1. */
LOQUOR_EXPORT int32_t loquor_model_zero_shot(const loquor_model *model, const loquor_inputs *inputs,
                                             const loquor_inputs *labels,
                                             const loquor_options *options, loquor_string **json,
                                             loquor_error **error);

/* For each input {log_probability, ids, log_probabilities}; of a pair: of its second text given the
 * first. Options of kind "score". Since 0.1. */
LOQUOR_EXPORT int32_t loquor_model_score(const loquor_model *model, const loquor_inputs *inputs,
                                         const loquor_options *options, loquor_string **json,
                                         loquor_error **error);

/* ---- Tokenizer and chat template: all fail with LOQUOR_UNSUPPORTED where the model has none ----
 */

/* Ids of a text. Options: kind "encode". Fails with LOQUOR_INVALID_ARGUMENT for invalid UTF-8.
 * Since 0.1. */
LOQUOR_EXPORT int32_t loquor_tokenizer_encode(const loquor_model *model, const char *text,
                                              size_t length, const loquor_options *options,
                                              loquor_ids **ids, loquor_error **error);

/* loquor_tokenizer_encode(), with loquor_ids_offsets and _origins. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_tokenizer_encode_with_offsets(const loquor_model *model,
                                                           const char *text, size_t length,
                                                           const loquor_options *options,
                                                           loquor_ids **ids, loquor_error **error);

/* loquor_tokenizer_encode_with_offsets() of two texts, put together as the model reads them:
 * question and context, ... The option max_length cuts them as "truncation" says. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_tokenizer_encode_pair(const loquor_model *model, const char *first,
                                                   size_t first_length, const char *second,
                                                   size_t second_length,
                                                   const loquor_options *options, loquor_ids **ids,
                                                   loquor_error **error);

/* Text of ids; bytes that are no valid UTF-8 come out as U+FFFD. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_tokenizer_decode(const loquor_model *model, const int32_t *ids,
                                              size_t count, int32_t skip_special_tokens,
                                              loquor_string **text, loquor_error **error);

/* The number of ids that the tokenizer knows. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_tokenizer_vocabulary_size(const loquor_model *model, int32_t *size,
                                                       loquor_error **error);

/* The name of an id as the vocabulary writes it. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_tokenizer_token(const loquor_model *model, int32_t id,
                                             loquor_string **token, loquor_error **error);

/* The id of a token's name. Fails with LOQUOR_NOT_FOUND. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_tokenizer_id(const loquor_model *model, const char *token,
                                          size_t length, int32_t *id, loquor_error **error);

/* The id with a role: "bos", "eos", "unk", "pad", "sep", "cls" or "mask". Fails with
 * LOQUOR_NOT_FOUND where the model has none. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_tokenizer_special_id(const loquor_model *model, const char *role,
                                                  int32_t *id, loquor_error **error);

/* Decodes ids one at a time. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_tokenizer_stream_new(const loquor_model *model,
                                                  int32_t skip_special_tokens,
                                                  loquor_tokenizer_stream **stream,
                                                  loquor_error **error);

/* The text that the next id settles, always whole characters, maybe none. Lives until the next call
 * on the stream. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_tokenizer_stream_push(loquor_tokenizer_stream *stream, int32_t id,
                                                   const char **text, size_t *length,
                                                   loquor_error **error);

/* What was held back; an unfinished character comes out as U+FFFD. Lives until the next call on the
 * stream. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_tokenizer_stream_finish(loquor_tokenizer_stream *stream,
                                                     const char **text, size_t *length,
                                                     loquor_error **error);

/* Since 0.1. */
LOQUOR_EXPORT void loquor_tokenizer_stream_free(loquor_tokenizer_stream *stream);

/* The prompt that the model's chat template makes of messages (a JSON array). Options: kind
 * "render". Since 0.1. */
LOQUOR_EXPORT int32_t loquor_chat_template_render(const loquor_model *model, const char *messages,
                                                  size_t length, const loquor_options *options,
                                                  loquor_string **prompt, loquor_error **error);

/* ---- Session and batch ---- */

/* An empty sequence. Options: kind "session". Since 0.1. */
LOQUOR_EXPORT int32_t loquor_session_new(const loquor_model *model, const loquor_options *options,
                                         loquor_session **session, loquor_error **error);

/* Reads the source of an encoder-decoder, once before its decoder's ids, and forgets all that the
 * session held. Fails with LOQUOR_UNSUPPORTED for a model without an encoder, LOQUOR_CONTEXT_FULL,
 * _CANCELLED. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_session_encode(loquor_session *session, const int32_t *ids,
                                            size_t count, loquor_error **error);

/* Reads ids and gives the logits (last, V) after each of the last ones; 1 is what a loop of one's
 * own needs. The bits do not depend on how ids are cut into calls. Fails with LOQUOR_CONTEXT_FULL,
 * _CANCELLED. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_session_append(loquor_session *session, const int32_t *ids,
                                            size_t count, int64_t last, loquor_tensor **logits,
                                            loquor_error **error);

/* Forgets everything from `position` on. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_session_rewind(loquor_session *session, int64_t position,
                                            loquor_error **error);

/* A second session with the same past, which is not copied until one of them writes over it. Since
 * 0.1. */
LOQUOR_EXPORT int32_t loquor_session_fork(const loquor_session *session, loquor_session **fork,
                                          loquor_error **error);

/* The state as bytes. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_session_save(const loquor_session *session, loquor_string **state,
                                          loquor_error **error);

/* Takes a saved state over. Fails with LOQUOR_INVALID_FILE, and changes nothing, where the bytes do
 * not belong to this model or are damaged. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_session_restore(loquor_session *session, const void *state,
                                             size_t size, loquor_error **error);

/* The ids read so far. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_session_ids(const loquor_session *session, loquor_ids **ids,
                                         loquor_error **error);

/* How many ids were read. Since 0.1. */
LOQUOR_EXPORT int64_t loquor_session_position(const loquor_session *session);

/* Positions at most. Since 0.1. */
LOQUOR_EXPORT int64_t loquor_session_context_length(const loquor_session *session);

/* Since 0.1. */
LOQUOR_EXPORT void loquor_session_free(loquor_session *session);

/* Runs the next ids of several sessions of one model at once; each gets the same bits as alone.
 * Since 0.1. */
LOQUOR_EXPORT int32_t loquor_batch_new(const loquor_model *model, loquor_batch **batch,
                                       loquor_error **error);

/* Adds ids for a session, which must be of this model and not in the batch yet. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_batch_add(loquor_batch *batch, loquor_session *session,
                                       const int32_t *ids, size_t count, loquor_error **error);

/* Appends all, or none where one fails, and empties the batch. Logits (B, V), a row for each
 * session in the order added. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_batch_step(loquor_batch *batch, loquor_tensor **logits,
                                        loquor_error **error);

/* Since 0.1. */
LOQUOR_EXPORT void loquor_batch_free(loquor_batch *batch);

/* ---- Sampler ---- */

/* Applies penalties, temperature and truncation in the order of transformers. Options: kind
 * "generate". Since 0.1. */
LOQUOR_EXPORT int32_t loquor_sampler_new(const loquor_options *options, loquor_sampler **sampler,
                                         loquor_error **error);

/* The next id for logits (V), after `history` (count ids: prompt_length of the prompt, then
 * output). Fails with LOQUOR_INVALID_ARGUMENT where no finite logit is left. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_sampler_sample(loquor_sampler *sampler, const float *logits,
                                            size_t vocabulary, const int32_t *history, size_t count,
                                            size_t prompt_length, int32_t *id,
                                            loquor_error **error);

/* The distribution (V) that loquor_sampler_sample draws from. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_sampler_probabilities(
    const loquor_sampler *sampler, const float *logits, size_t vocabulary, const int32_t *history,
    size_t count, size_t prompt_length, loquor_tensor **probabilities, loquor_error **error);

/* The seed, drawn where the options set none. Since 0.1. */
LOQUOR_EXPORT int64_t loquor_sampler_seed(const loquor_sampler *sampler);

/* Since 0.1. */
LOQUOR_EXPORT void loquor_sampler_free(loquor_sampler *sampler);

/* ---- Generation ---- */

/* Continues a session with a further prompt; what it reads and writes stays in the session, which
 * takes no other call between the pieces. Options: kind "generate". Since 0.1. */
LOQUOR_EXPORT int32_t loquor_generation_new(loquor_session *session, const char *prompt,
                                            size_t length, const loquor_options *options,
                                            loquor_generation **generation, loquor_error **error);

/* loquor_generation_new() with ids. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_generation_new_ids(loquor_session *session, const int32_t *ids,
                                                size_t count, const loquor_options *options,
                                                loquor_generation **generation,
                                                loquor_error **error);

/* The next piece of text, whole characters, maybe empty while a stop string is pending or beams
 * differ; LOQUOR_DONE at the end. Of several draws it is the first one's text. The first call reads
 * the prompt. The text lives until the next call on the generation. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_generation_next(loquor_generation *generation, const char **text,
                                             size_t *length, loquor_error **error);

/* The ids of the last piece. Lives until the next call on the generation. Since 0.1. */
LOQUOR_EXPORT const int32_t *loquor_generation_ids(const loquor_generation *generation,
                                                   size_t *count);

/* loquor_output_logprobs() for the ids of the last piece. Lives until the next call on the
 * generation. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_generation_logprobs(const loquor_generation *generation, size_t index,
                                                 const int32_t **ids, const float **logprobs,
                                                 size_t *count, loquor_error **error);

/* How many sequences are in the making: one, or the beams or draws that go on. Since 0.1. */
LOQUOR_EXPORT int64_t loquor_generation_live(const loquor_generation *generation);

/* The ids of one of them so far, prompt and output. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_generation_live_ids(const loquor_generation *generation, size_t index,
                                                 loquor_ids **ids, loquor_error **error);

/* Lets only these ids follow that sequence at the next step, whatever the options say: what
 * prefix_allowed_tokens is in C++ and Python. Fails with LOQUOR_UNSUPPORTED for a generation with
 * prompt_lookup_num_tokens or assistant_model, which takes several steps at once. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_generation_allow(loquor_generation *generation, size_t index,
                                              const int32_t *ids, size_t count,
                                              loquor_error **error);

/* LOQUOR_FINISH_..., NONE before the end. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_generation_finish_reason(const loquor_generation *generation);

/* What there is so far: text, ids, seed, timings and the rest. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_generation_output(const loquor_generation *generation,
                                               loquor_output **output, loquor_error **error);

/* Runs to the end and gives the whole, pieces already pulled included. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_generation_finish(loquor_generation *generation,
                                               loquor_output **output, loquor_error **error);

/* Ends it before the next token. From any thread, also during a call on the generation. Since 0.1.
 */
LOQUOR_EXPORT void loquor_generation_cancel(const loquor_generation *generation);

/* Since 0.1. */
LOQUOR_EXPORT void loquor_generation_free(loquor_generation *generation);

/* ---- Chat ---- */

/* A conversation that keeps its history within the context. Options: kind "chat". Fails with
 * LOQUOR_UNSUPPORTED for a model without a chat template. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_chat_new(const loquor_model *model, const loquor_options *options,
                                      loquor_chat **chat, loquor_error **error);

/* Adds a user's turn and gives the answer, which joins the history. Options: kind "generate". Since
 * 0.1. */
LOQUOR_EXPORT int32_t loquor_chat_send(loquor_chat *chat, const char *text, size_t length,
                                       const loquor_options *options, loquor_output **output,
                                       loquor_error **error);

/* loquor_chat_send(), piece by piece. The answer joins the history at the stream's end (what there
 * is of it when cancelled). Only one stream may be open, and meanwhile the chat takes no other
 * call. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_chat_stream(loquor_chat *chat, const char *text, size_t length,
                                         const loquor_options *options,
                                         loquor_generation **generation, loquor_error **error);

/* Adds any message (a tool's result, say), a JSON object with role, content and, where there are
 * any, reasoning_content and tool_calls, without an answer. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_chat_add(loquor_chat *chat, const char *message, size_t length,
                                      loquor_error **error);

/* The history as a JSON array of messages. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_chat_messages(const loquor_chat *chat, loquor_string **json,
                                           loquor_error **error);

/* Forgets all but the system message. Since 0.1. */
LOQUOR_EXPORT int32_t loquor_chat_clear(loquor_chat *chat, loquor_error **error);

/* Since 0.1. */
LOQUOR_EXPORT void loquor_chat_free(loquor_chat *chat);

#ifdef __cplusplus
}
#endif

#endif
