"""What Upbit refuses, and the words it has for it: Korean in Korea, English elsewhere."""

from __future__ import annotations

from typing import Any

__all__ = ["Refused", "error_body"]

_TEXTS = {
    "NO_TICKET": ("티켓이 존재하지 않거나, 유효하지 않습니다.", "The ticket is missing or invalid."),
    "NO_TYPE": ("타입이 존재하지 않습니다.", "The type is missing."),
    "NO_CODES": ("코드가 존재하지 않습니다.", "The codes are missing."),
    "WRONG_FORMAT": ("Format 이 맞지 않습니다.", "The format is wrong."),
    "INVALID_AUTH": ("인증 정보가 올바르지 않습니다.", "The authentication is invalid."),
    "OUT_OF_SCOPE": ("허용되지 않은 기능입니다.", "This key is not allowed to do this."),
    "INVALID_PARAM": ("{} 은 지원하지 않는 타입입니다.", "{} is not a supported type."),
    "TOO_MANY_REQUEST": ("구독 가능한 지표 개수를 초과했습니다.", "Too many indicators are subscribed to."),
    "Too Many Requests": ("요청 수 제한을 초과했습니다.", "Too many requests."),
    "I'm a teapot": (
        "요청이 일시적으로 차단되었습니다. {}초 후에 다시 시도해주세요.",
        "Requests are blocked for a while. Try again in {} seconds.",
    ),
    404: ("Code not found", "Code not found"),
    400: ("{}", "{}"),
    429: ("Too many API requests.", "Too many API requests."),
    418: ("Too many API requests. Blocked for {} seconds.", "Too many API requests. Blocked for {} seconds."),
    "too_many_requests": ("요청 수 제한을 초과했습니다.", "Too many API requests."),
    "banned": ("요청이 차단되었습니다. {}초 후에 다시 시도해주세요.", "Blocked. Try again in {} seconds."),
    "no_authorization_token": ("인증 토큰이 없습니다.", "There is no token."),
    "jwt_verification": ("JWT 토큰 검증에 실패했습니다.", "The token could not be verified."),
    "invalid_access_key": ("잘못된 엑세스 키입니다.", "There is no such access key."),
    "expired_access_key": ("API 키가 만료되었습니다.", "The API key has expired."),
    "nonce_used": ("이미 요청한 nonce값이 다시 사용되었습니다.", "The nonce was used before."),
    "no_authorization_ip": ("허용되지 않은 IP 주소입니다.", "Requests from this address are not allowed."),
    "invalid_query_payload": ("JWT 헤더의 페이로드가 올바르지 않습니다.", "The payload of the token is invalid."),
    "out_of_scope": ("허용되지 않은 기능입니다.", "This key is not allowed to do this."),
    "order_not_found": ("주문을 찾지 못했습니다.", "There is no such order."),
    "validation_error": ("잘못된 API 요청입니다. {}", "The request is invalid. {}"),
    "market_does_not_exist": ("마켓을 찾지 못했습니다.", "There is no such market."),
    "market_offline": ("현재 거래가 중단된 마켓입니다.", "The market does not trade now."),
    "identifier_already_used": ("이미 사용된 identifier 입니다.", "The identifier was used before."),
    "invalid_parameter": ("잘못된 파라미터입니다. {}", "A parameter is invalid. {}"),
    "insufficient_funds_bid": ("매수가능금액이 부족합니다.", "There is not enough to buy that."),
    "insufficient_funds_ask": ("매도가능수량이 부족합니다.", "There is not enough to sell that."),
    "under_min_total_bid": ("최소주문금액 이상으로 주문해주세요.", "The order is below the least value."),
    "under_min_total_ask": ("최소주문금액 이상으로 주문해주세요.", "The order is below the least value."),
    "over_max_total": ("최대주문금액을 초과했습니다.", "The order is above the greatest value."),
    "invalid_price_bid": ("주문가격 단위를 잘못 입력하셨습니다.", "The price is no multiple of the tick."),
    "invalid_price_ask": ("주문가격 단위를 잘못 입력하셨습니다.", "The price is no multiple of the tick."),
    "invalid_volume_bid": ("주문수량을 잘못 입력하셨습니다.", "The volume is invalid."),
    "invalid_volume_ask": ("주문수량을 잘못 입력하셨습니다.", "The volume is invalid."),
    "create_bid_error": ("주문 요청 정보가 올바르지 않습니다. {}", "The order is not valid. {}"),
    "create_ask_error": ("주문 요청 정보가 올바르지 않습니다. {}", "The order is not valid. {}"),
}


class Refused(Exception):
    """A request that is answered with an error.

    Args:
        name: of the error: a text, or on calls without a key a whole number.
        fact: what its text tells.
        status: of the HTTP answer.
        retry_after: seconds to wait; 0 for none.
    """

    def __init__(self, name: str | int, fact: object = "", status: int = 400, retry_after: int = 0) -> None:
        super().__init__(name, fact)
        self.name, self.fact, self.status, self.retry_after = name, fact, status, retry_after


def error_body(refused: Refused, *, korean: bool) -> dict[str, Any]:
    """The error as it is sent."""
    text = _TEXTS[refused.name][0 if korean else 1].format(refused.fact).strip()
    return {"error": {"name": refused.name, "message": text}}
