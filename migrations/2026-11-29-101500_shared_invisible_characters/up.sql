-- Search keys contain no invisible characters: the application now removes all characters that Unicode calls default
-- ignorable (haat_domain::shared::fold), not only those that were known before. Few rows have any.
UPDATE retailers SET search_key = regexp_replace(search_key,
    '[\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u2061-\u206F\u3164\uFE00-\uFE0F\uFFA0\uFFF0-\uFFF8\U0001BCA0-\U0001BCA3\U0001D173-\U0001D17A\U000E0000-\U000E0FFF]', '', 'g')
 WHERE search_key ~
    '[\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u2061-\u206F\u3164\uFE00-\uFE0F\uFFA0\uFFF0-\uFFF8\U0001BCA0-\U0001BCA3\U0001D173-\U0001D17A\U000E0000-\U000E0FFF]';
UPDATE users SET search_key = regexp_replace(search_key,
    '[\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u2061-\u206F\u3164\uFE00-\uFE0F\uFFA0\uFFF0-\uFFF8\U0001BCA0-\U0001BCA3\U0001D173-\U0001D17A\U000E0000-\U000E0FFF]', '', 'g')
 WHERE search_key ~
    '[\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u2061-\u206F\u3164\uFE00-\uFE0F\uFFA0\uFFF0-\uFFF8\U0001BCA0-\U0001BCA3\U0001D173-\U0001D17A\U000E0000-\U000E0FFF]';
