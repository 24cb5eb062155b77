// What turns a word into tokens: BPE by ranks, BPE by scores. One file each.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "text/word_cache.h"

namespace loquor {

/// The working memory of one call, with the model that it belongs to.
class Segmenter {
 public:
  virtual ~Segmenter() = default;
  /// Appends the tokens of a word, in order. Bytes of a word are at most 2^31.
  virtual void segment(std::string_view word, std::vector<WordToken>& tokens) = 0;
};

class TextModel {
 public:
  virtual ~TextModel() = default;
  /// A segmenter for the words of a text of about so many bytes. It refers to the model.
  virtual std::unique_ptr<Segmenter> segmenter(std::size_t text_size) const = 0;
  /// What the names of tokens that go on with a word begin with; empty where nothing tells them.
  virtual std::string_view continuing_prefix() const noexcept { return {}; }
};

}  // namespace loquor
