// SPDX-License-Identifier: Apache-2.0
#include "engine/importers/pickle.h"

#include <charconv>
#include <unordered_map>

#include "engine/importers/pickle_text.h"

namespace pinxit {
namespace {

template <class T>
T whole_from(std::string_view text) {
  T value{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size()) unsound(_("a number in its pickle is broken"));
  return value;
}

class Machine {
 public:
  Machine(ByteReader& in, PickleHost& host, PickleValues& values) : in_(in), host_(host), values_(values) {}

  PickleRef run() {
    for (;;) {
      const auto code = in_.number<uint8_t>();
      if (code == '.') return pop();
      if (!number_or_text(code) && !container(code) && !memo(code) && !object(code))
        unread(_("its pickle has the instruction %d, which is not read"), int(code));
    }
  }

 private:
  // The stack. What lies below the topmost mark cannot be reached before the mark is taken away.
  void push(PickleValue value) { stack_.push_back(values_.add(std::move(value))); }
  size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }
  PickleRef top() const {
    if (stack_.size() <= floor()) unsound(_("its pickle takes more than it has put on its stack"));
    return stack_.back();
  }
  PickleRef pop() {
    const PickleRef ref = top();
    stack_.pop_back();
    return ref;
  }
  std::vector<PickleRef> pop_to_mark() {
    if (marks_.empty()) unsound(_("its pickle lacks a mark"));
    std::vector<PickleRef> items(stack_.begin() + std::ptrdiff_t(marks_.back()), stack_.end());
    stack_.resize(marks_.back());
    marks_.pop_back();
    return items;
  }
  std::vector<PickleRef> pop_some(int count) {
    std::vector<PickleRef> items(static_cast<size_t>(count));
    while (count > 0) items[size_t(--count)] = pop();
    return items;
  }

  void push_whole(int64_t value) { push({PickleKind::whole, value}); }
  void push_text(std::string_view text) { push({.kind = PickleKind::text, .text = text}); }
  void push_items(PickleKind kind, std::vector<PickleRef> items) {
    if (kind == PickleKind::dict && items.size() % 2) unsound(_("a dict in its pickle lacks a value"));
    push({.kind = kind, .items = std::move(items)});
  }

  bool number_or_text(uint8_t code) {
    switch (code) {
      case 'N':
        push({});
        return true;
      case 0x88:
        push({PickleKind::boolean, 1});
        return true;
      case 0x89:
        push({PickleKind::boolean, 0});
        return true;
      case 'K':
        push_whole(in_.number<uint8_t>());
        return true;
      case 'M':
        push_whole(in_.number<uint16_t>());
        return true;
      case 'J':
        push_whole(in_.number<int32_t>());
        return true;
      case 'I':
        push_line_number(in_.line());
        return true;
      case 'L':
        push_long_line(in_.line());
        return true;
      case 0x8a:
        push_long(in_.text(in_.number<uint8_t>()));
        return true;
      case 0x8b:
        push_long(in_.text(length32()));
        return true;
      case 'G':
        in_.take(8);
        push_real();
        return true;
      case 'F':
        in_.line();
        push_real();
        return true;
      case 'U':
      case 'C':
      case 0x8c:
        push_text(in_.text(in_.number<uint8_t>()));
        return true;
      case 'T':
        push_text(in_.text(length32()));
        return true;
      case 'B':
      case 'X':
        push_text(in_.text(in_.number<uint32_t>()));
        return true;
      case 0x8d:
      case 0x8e:
        push_text(in_.text(in_.number<uint64_t>()));
        return true;
      case 'S':
        push_text(values_.keep(unquoted_pickle_line(in_.line())));
        return true;
      case 'V':
        push_text(values_.keep(unescaped_pickle_line(in_.line())));
        return true;
      default:
        return false;
    }
  }
  uint64_t length32() {
    const auto length = in_.number<int32_t>();
    if (length < 0) unsound(_("a length in its pickle is negative"));
    return uint64_t(length);
  }
  void push_line_number(std::string_view text) {
    if (text == "00" || text == "01")
      push({PickleKind::boolean, text == "01"});
    else
      push_whole(whole_from<int64_t>(text));
  }
  void push_long_line(std::string_view text) {
    if (text.ends_with('L')) text.remove_suffix(1);
    push_whole(whole_from<int64_t>(text));
  }
  void push_long(std::string_view bytes) {
    if (bytes.size() > 8) return push({.kind = PickleKind::big, .text = bytes});
    int64_t value = !bytes.empty() && static_cast<signed char>(bytes.back()) < 0 ? -1 : 0;
    std::memcpy(&value, bytes.data(), bytes.size());
    push_whole(value);
  }
  void push_real() { push({.kind = PickleKind::real}); }

  bool container(uint8_t code) {
    switch (code) {
      case '(':
        marks_.push_back(stack_.size());
        return true;
      case '0':
        pop();
        return true;
      case '1':
        pop_to_mark();
        return true;
      case '2':
        stack_.push_back(top());
        return true;
      case ']':
        push_items(PickleKind::list, {});
        return true;
      case ')':
        push_items(PickleKind::tuple, {});
        return true;
      case '}':
        push_items(PickleKind::dict, {});
        return true;
      case 'l':
        push_items(PickleKind::list, pop_to_mark());
        return true;
      case 't':
        push_items(PickleKind::tuple, pop_to_mark());
        return true;
      case 'd':
        push_items(PickleKind::dict, pop_to_mark());
        return true;
      case 0x85:
        push_items(PickleKind::tuple, pop_some(1));
        return true;
      case 0x86:
        push_items(PickleKind::tuple, pop_some(2));
        return true;
      case 0x87:
        push_items(PickleKind::tuple, pop_some(3));
        return true;
      case 'a':
        append(PickleKind::list, pop_some(1));
        return true;
      case 'e':
        append(PickleKind::list, pop_to_mark());
        return true;
      case 's':
        append(PickleKind::dict, pop_some(2));
        return true;
      case 'u':
        append(PickleKind::dict, pop_to_mark());
        return true;
      default:
        return false;
    }
  }
  void append(PickleKind kind, const std::vector<PickleRef>& items) {
    PickleValue& target = values_[top()];
    if (target.kind != kind) unsound(_("its pickle fills something that is no list and no dict"));
    if (kind == PickleKind::dict && items.size() % 2) unsound(_("a dict in its pickle lacks a value"));
    target.items.insert(target.items.end(), items.begin(), items.end());
  }

  bool memo(uint8_t code) {
    switch (code) {
      case 'p':
        memo_[whole_from<uint32_t>(in_.line())] = top();
        return true;
      case 'q':
        memo_[in_.number<uint8_t>()] = top();
        return true;
      case 'r':
        memo_[in_.number<uint32_t>()] = top();
        return true;
      case 0x94:
        memo_[uint32_t(memo_.size())] = top();
        return true;
      case 'g':
        recall(whole_from<uint32_t>(in_.line()));
        return true;
      case 'h':
        recall(in_.number<uint8_t>());
        return true;
      case 'j':
        recall(in_.number<uint32_t>());
        return true;
      default:
        return false;
    }
  }
  void recall(uint32_t place) {
    const auto found = memo_.find(place);
    if (found == memo_.end()) unsound(_("its pickle recalls a value that it has not stored"));
    stack_.push_back(found->second);
  }

  bool object(uint8_t code) {
    switch (code) {
      case 0x80:
        if (in_.number<uint8_t>() > 5) unread(_("its pickle is of a newer version than is read"));
        return true;
      case 0x95:
        if (in_.number<uint64_t>() > in_.left()) unsound(_("it ends too early"));
        return true;
      case 'c': {
        const auto module = in_.line();
        push(host_.global(module, in_.line()));
        return true;
      }
      case 0x93:
        stack_global();
        return true;
      case 'R': {
        const PickleRef arguments = pop(), callee = pop();
        if (values_[callee].kind != PickleKind::global || values_[arguments].kind != PickleKind::tuple)
          unsound(_("its pickle calls something that is no function"));
        stack_.push_back(host_.call(values_, callee, arguments));
        return true;
      }
      case 'Q':
        stack_.push_back(host_.persistent(values_, pop()));
        return true;
      case 'b': {
        const PickleRef state = pop();
        host_.build(values_, top(), state);
        return true;
      }
      case 'i': {
        const auto module = in_.line();
        host_.global(module, in_.line());
        refuse_object();
      }
      case 'o':
      case 0x81:
      case 0x92:
        refuse_object();
      default:
        return false;
    }
  }
  void stack_global() {
    const PickleRef name = pop(), module = pop();
    if (values_[name].kind != PickleKind::text || values_[module].kind != PickleKind::text)
      unsound(_("its pickle names a function by something that is no text"));
    push(host_.global(values_[module].text, values_[name].text));
  }
  [[noreturn]] static void refuse_object() { unread(_("it makes program objects, and a list of weights has none")); }

  ByteReader& in_;
  PickleHost& host_;
  PickleValues& values_;
  std::vector<PickleRef> stack_;
  std::vector<size_t> marks_;
  std::unordered_map<uint32_t, PickleRef> memo_;
};

}  // namespace

PickleRef PickleValues::add(PickleValue value) {
  if (values_.size() == limit_) unsound(_("its pickle has more values than can be true"));
  values_.push_back(std::move(value));
  return PickleRef(values_.size() - 1);
}

std::string_view PickleValues::keep(std::string text) {
  return texts_.emplace_back(std::move(text));
}

const PickleValue* PickleValues::find(const PickleValue& dict, std::string_view key) const {
  const PickleValue* found = nullptr;
  for (size_t i = 0; i + 1 < dict.items.size(); i += 2) {
    const PickleValue& name = values_[dict.items[i]];
    if (name.kind == PickleKind::text && name.text == key) found = &values_[dict.items[i + 1]];
  }
  return found;
}

PickleValue PickleHost::global(std::string_view module, std::string_view name) {
  throw Unread(format_text(_("it asks for “%s.%s”, which is a program and no weights; nothing of it was run"),
                           fit_for_print(module).c_str(), fit_for_print(name).c_str()));
}
PickleRef PickleHost::call(PickleValues&, PickleRef, PickleRef) {
  unread(_("it calls a function; nothing of it was run"));
}
PickleRef PickleHost::persistent(PickleValues&, PickleRef) {
  unread(_("it refers to values outside its pickle"));
}
void PickleHost::build(PickleValues&, PickleRef, PickleRef) {
  unread(_("it makes program objects, and a list of weights has none"));
}

PickleRef read_pickle(ByteReader& in, PickleHost& host, PickleValues& values) {
  return Machine(in, host, values).run();
}

}  // namespace pinxit
